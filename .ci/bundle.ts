// Makes few files of the many that the compiler wrote: a process that starts reads each of them. Run after tsc.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const entries = ['cli', 'index', 'editor/index', 'cache/worker'].map((name) => join(dist, `src/${name}.js`));
/** Small packages that every run needs are put in: finding their many files costs more than running them. */
const OWN = ['fast-glob', 'ignore', 'jsonc-parser', 'picocolors'];
const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<'dependencies' | 'peerDependencies', Record<string, string>>;

const shared = {
  bundle: true, platform: 'node', target: 'node20', logLevel: 'warning', absWorkingDir: root,
  external: Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !OWN.includes(name)), mainFields: ['module', 'main'],
} as const;

rmSync(join(dist, 'src/chunks'), { recursive: true, force: true });
// A whole run as one script, for which V8 can be given what it compiled before (src/cache/compiled.ts).
await build({
  ...shared, entryPoints: [join(dist, 'src/commands/run.js')], outfile: join(dist, 'src/run.cjs'), format: 'cjs', charset: 'ascii',
  define: { 'import.meta.url': '$url', 'import.meta.dirname': '__dirname' }, banner: { js: "const $url = require('node:url').pathToFileURL(__filename).href;" },
});
const { metafile } = await build({
  ...shared, entryPoints: entries, outdir: join(dist, 'src'), outbase: join(dist, 'src'), chunkNames: 'chunks/[name]-[hash]', allowOverwrite: true,
  splitting: true, format: 'esm', metafile: true,
  // Packages in CommonJS ask for modules of Node so.
  banner: { js: "import { createRequire as $createRequire } from 'node:module';\nconst require = $createRequire(import.meta.url);" },
});
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && entry.name.endsWith('.js') && !entries.includes(path) && !path.startsWith(join(dist, 'src/chunks'))) rmSync(path);
}

// The licences of what was put in ask to be passed on.
const packages = [...new Set(Object.keys(metafile.inputs).flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []))].sort();
writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), packages.map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Record<'name' | 'version' | 'license', string>;
  const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e/i.test(each));
  return `${name} ${version} (${license})\n\n${file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8').trim()}\n`;
}).join(`\n${'-'.repeat(80)}\n\n`));
