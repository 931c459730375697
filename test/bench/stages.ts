// Where the time of a whole check goes: `npm run bench -- FOLDER...`. One project at a time, cold; prints milliseconds by stage and the peak of memory.
import { resolve } from 'node:path';
import { checkProject, loadProject } from '../../src/commands/pipeline.js';

const folders = process.argv.slice(2);
if (folders.length === 0) {
  console.error('npm run bench -- FOLDER...: name the folders of the projects to check');
  process.exit(2);
}
const stages = ['config', 'discover', 'parse', 'link', 'check'];
const row = (cells: readonly string[]): string => cells.map((cell, index) => (index === 0 ? cell.padEnd(32) : cell.padStart(9))).join(' ');
console.log(row(['project', ...stages, 'link/parse', 'files', 'queries', 'peak MB']));
for (const folder of folders) {
  const cwd = resolve(folder);
  const loaded = await loadProject({ cwd, paths: [] });
  const start = performance.now();
  const { coverage } = checkProject(loaded, cwd, {});
  const times: Readonly<Record<string, number>> = { ...loaded.timings, check: performance.now() - start };
  console.log(row([
    folder.split('/').slice(-1)[0]!, ...stages.map((stage) => times[stage]!.toFixed(0)), (times['link']! / times['parse']!).toFixed(1),
    String(coverage.filesRead), String(coverage.queries), (process.resourceUsage().maxRSS / 1024).toFixed(0),
  ]));
}
