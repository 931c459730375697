// Makes few files of the many that the compiler wrote: a process that starts reads each of them. Run after tsc.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const dist = join(import.meta.dirname, '../dist');
const entries = ['cli', 'index', 'editor/index', 'cache/worker'].map((name) => join(dist, `src/${name}.js`));

rmSync(join(dist, 'src/chunks'), { recursive: true, force: true });
await build({
  entryPoints: entries, outdir: join(dist, 'src'), outbase: join(dist, 'src'), chunkNames: 'chunks/[name]-[hash]', allowOverwrite: true,
  bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external', logLevel: 'warning',
});
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && entry.name.endsWith('.js') && !entries.includes(path) && !path.startsWith(join(dist, 'src/chunks'))) rmSync(path);
}
