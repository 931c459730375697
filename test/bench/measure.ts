import { spawnSync } from 'node:child_process';

export interface Cost {
  readonly cpuSeconds: number;
  readonly megabytes: number;
}

const TELL = `data:text/javascript,${encodeURIComponent("import { writeSync } from 'node:fs'; import { isMainThread } from 'node:worker_threads'; if (isMainThread) process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())));")}`;

/** What a whole Node process costs, all of its threads; its output is thrown away. */
export function costOf(args: readonly string[], cwd: string): Cost {
  const { output, status, error } = spawnSync(process.execPath, ['--import', TELL, ...args], { cwd, stdio: ['ignore', 'ignore', 'ignore', 'pipe'], maxBuffer: 1e9 });
  const told = output?.[3]?.toString() ?? '';
  if (told === '') throw new Error(`${args.join(' ')} told nothing: status ${String(status)} ${error?.message ?? ''}`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(told) as NodeJS.ResourceUsage;
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 };
}

/** What any program costs with the processes it starts; its output is thrown away. @returns undefined when it is not on the PATH */
export function costOfProgram(program: string, args: readonly string[], cwd: string): Omit<Cost, 'megabytes'> | undefined {
  const script = 'command -v "$0" >/dev/null || exit 127; TIMEFORMAT="%U %S"; time "$0" "$@" >/dev/null 2>/dev/null';
  const { stderr } = spawnSync('bash', ['-c', script, program, ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  const [, user, system] = /([\d.]+) ([\d.]+)\s*$/.exec(stderr) ?? [];
  return user === undefined ? undefined : { cpuSeconds: Number(user) + Number(system) };
}

/** A row of a table in plain text: the first cell to the left, the others to the right. */
export function row(cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(32) : cell.padStart(10))).join(' ');
}
