import { readFileSync } from 'node:fs';

/** What does no work for so long has stopped for good. */
const MOST_IDLE_SECONDS = 180;
const LOOK_EVERY_MS = 500;

/** Looks at a process until it has worked for too long, or has stopped working. */
export function lateness(pid: number, mostSeconds: number): { readonly told: Promise<string>; readonly stop: () => void } {
  const begun = workedSeconds(pid);
  let last = { worked: begun, at: Date.now() };
  let timer: NodeJS.Timeout | undefined;
  const told = new Promise<string>((resolve) => {
    timer = setInterval(() => {
      const worked = workedSeconds(pid);
      if (worked > last.worked) last = { worked, at: Date.now() };
      if (worked - begun >= mostSeconds || Date.now() - last.at >= MOST_IDLE_SECONDS * 1000) resolve(`no end after ${Math.round(worked - begun)} seconds of work`);
    }, LOOK_EVERY_MS);
  });
  return { told, stop: () => { clearInterval(timer); } };
}

/** The processor time that a process has used: on a machine that is busy with other things, time says nothing. */
function workedSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Date.now() / 1000;
  }
}
