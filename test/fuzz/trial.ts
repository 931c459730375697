import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { lateness } from '../lateness.js';
import type { Input } from './input.js';
import type { Problem } from './properties.js';

/** Work on one input after which it is said to have no end; where work cannot be asked (no Linux), time. What takes a sixth of it is told as slow. */
const MOST_SECONDS = 30;
interface Answer { readonly problems: Problem[]; readonly peak: number }

/** Has inputs tried by a process of its own, so that one that dies or does not end is a finding and not the end. */
export class Trial {
  /** The most memory that a process has needed, in kilobytes. */
  peak = 0;
  private child: ChildProcess | undefined;
  private answers: AsyncIterator<string> | undefined;
  private errors = '';

  /** @param parent a folder for what is tried, removed by who made it */
  constructor(private readonly parent: string) {}

  /** Tries one input. @returns what must not be; empty: all is well */
  async problems(input: Input, mostSeconds = MOST_SECONDS): Promise<Problem[]> {
    const child = this.child ?? this.start();
    child.stdin!.write(`${lineOf(input)}\n`);
    const late = lateness(child.pid!, mostSeconds);
    const answer = await Promise.race([this.answers!.next(), late.told]);
    late.stop();
    const paths = [...input.changed.keys()].join(', ');
    if (typeof answer !== 'string' && answer.done !== true) {
      const { problems, peak } = JSON.parse(answer.value) as Answer;
      this.peak = Math.max(this.peak, peak);
      return problems;
    }
    const words = typeof answer === 'string' ? answer : this.errors;
    this.close();
    return [{ key: `${typeof answer === 'string' ? 'no end' : 'the process ended'}: ${paths}`, words }];
  }

  /** Ends the process. */
  close(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }

  private start(): ChildProcess {
    this.errors = '';
    const child = spawn(process.execPath, ['--expose-gc', '--max-old-space-size=1500', '--import', 'tsx', join(import.meta.dirname, 'child.ts'), this.parent], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => { this.errors = (this.errors + chunk.toString()).slice(-3000); });
    this.answers = createInterface(child.stdout)[Symbol.asyncIterator]();
    this.child = child;
    return child;
  }
}

type Sent = Omit<Input, 'seed' | 'changed'> & { readonly seed: { readonly name: string; readonly files: readonly (readonly [string, string])[] }; readonly changed: readonly (readonly [path: string, text: string, isBytes: boolean])[] };

function lineOf({ seed, changed, ...rest }: Input): string {
  const sent: Sent = { ...rest, seed: { name: seed.name, files: [...seed.files] }, changed: [...changed].map(([path, text]) => [path, typeof text === 'string' ? text : text.toString('base64'), typeof text !== 'string']) };
  return JSON.stringify(sent);
}

/** The input that a line stands for. */
export function inputOf(line: string): Input {
  const { seed, changed, ...rest } = JSON.parse(line) as Sent;
  return { ...rest, seed: { name: seed.name, files: new Map(seed.files) }, changed: new Map(changed.map(([path, text, isBytes]) => [path, isBytes ? Buffer.from(text, 'base64') : text])) };
}
