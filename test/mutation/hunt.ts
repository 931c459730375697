// Looks for queries and migrations that tell mutants from the original which nothing in test/link/judged tells: `npx tsx test/mutation/hunt.ts --seed N --count 1000 --minutes 30 --output FILE`.
// `npx tsx test/oracle/keep.ts FILE` then asks PostgreSQL about them, and keeps them. `--survivors FILE` is written, and spares the next run of the same sources what is known.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { randomFor } from '../oracle/generate.js';
import { instrumentedCopy } from './copy.js';
import type { Mutant } from './mutants.js';

const { values } = parseArgs({ options: {
  folder: { type: 'string', multiple: true, default: ['src/link/scope', 'src/link/backfill'] }, seed: { type: 'string', default: '1' }, minutes: { type: 'string', default: '10' }, count: { type: 'string', default: '1000' },
  output: { type: 'string', default: 'candidates.json' }, survivors: { type: 'string', default: 'survivors.json' },
} });

type Survivor = Omit<Mutant, 'id'> & { readonly tried: number };
const keyOf = ({ file, line, kind, original, replacement }: Omit<Mutant, 'id'>): string => JSON.stringify([file, line, kind, original, replacement]);

const { copy, mutants } = instrumentedCopy(values.folder);
const survived = join(copy, 'survived.json');
const known = existsSync(values.survivors) ? new Map((JSON.parse(readFileSync(values.survivors, 'utf8')) as Survivor[]).map((each) => [keyOf(each), each.tried])) : undefined;
const looked = known === undefined ? randomFor(Number(values.seed), 1).sample(mutants, Number(values.count)) : mutants.filter((each) => known.has(keyOf(each)));
const open = looked.map((each) => [each.id, known?.get(keyOf(each)) ?? 0]);
const given = join(copy, 'given.json');
writeFileSync(given, JSON.stringify({ seed: Number(values.seed), minutes: Number(values.minutes), output: resolve(values.output), survived, open }));
const { status } = spawnSync(process.execPath, ['--max-old-space-size=3000', '--import', 'tsx', join(copy, 'test/mutation/hunter.ts'), given], {
  cwd: copy, stdio: 'inherit', env: { ...process.env, FOLDERS: values.folder.join() },
});
const left = new Map(JSON.parse(readFileSync(survived, 'utf8')) as [number, number][]);
writeFileSync(values.survivors, JSON.stringify(mutants.filter(({ id }) => left.has(id)).map(({ id, ...mutant }): Survivor => ({ ...mutant, tried: left.get(id)! })), null, 1));
rmSync(copy, { recursive: true, force: true });
process.exitCode = status ?? 1;
