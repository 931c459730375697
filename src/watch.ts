/** The longest path that is told whole. */
const PATH_BYTES = 4096;
const HEAD_BYTES = 8;
const encoder = new TextEncoder();

/** Where one thread says which file it works on, so that another may see that it does not come to an end: its own words would come too late. */
export class WorkPlace {
  private readonly head: Int32Array;
  private readonly path: Uint8Array;

  constructor(readonly buffer = new SharedArrayBuffer(HEAD_BYTES + PATH_BYTES)) {
    this.head = new Int32Array(buffer, 0, 2);
    this.path = new Uint8Array(buffer, HEAD_BYTES);
  }

  /** Work on a file, as seen from outside. Work that begins inside of it is a part of it. */
  during<T>(file: string, work: () => T): T {
    if (Atomics.load(this.head, 0) % 2 !== 0) return work();
    const { written } = encoder.encodeInto(file, this.path);
    Atomics.store(this.head, 1, written);
    Atomics.add(this.head, 0, 1);
    try {
      return work();
    } finally {
      Atomics.add(this.head, 0, 1);
    }
  }

  /** The turn of work, which changes when work begins and ends, and the file; no file: no work. */
  look(): { readonly turn: number; readonly file?: string } {
    const turn = Atomics.load(this.head, 0);
    if (turn % 2 === 0) return { turn };
    return { turn, file: new TextDecoder().decode(this.path.slice(0, Atomics.load(this.head, 1))) };
  }
}

/** The place of this thread. */
let own = new WorkPlace();

/** What the thread that watches is told, and what it has found out. Without one nothing is done. */
export const watch: {
  /** From now on, work on one file may take so long. */
  begin: (seconds: number) => void;
  /** The place of another thread of the run. */
  add: (buffer: SharedArrayBuffer) => void;
  /** Files, relative to the project's root, whose work did not end. */
  endless: ReadonlySet<string>;
} = { begin: () => undefined, add: () => undefined, endless: new Set() };

/** The place of this thread, to be handed to who watches. */
export function ownPlace(): SharedArrayBuffer {
  return own.buffer;
}

/** Takes the place that was made for this thread. */
export function takePlace(buffer: SharedArrayBuffer): void {
  own = new WorkPlace(buffer);
}

/** Does work that belongs to one file, relative to the project's root, where it can be seen. @throws TooLong inside of `limited` */
export function during<T>(file: string, work: () => T): T {
  if (limit === undefined || limit.file !== undefined) return own.during(file, work);
  Object.assign(limit, { file, since: performance.now(), cpu: undefined });
  try {
    return own.during(file, work);
  } finally {
    limit.file = undefined;
  }
}

/** On a machine that is busy with other things little work is done in much time: this part of the time must have been spent on work. */
const WORK_SHARE = 0.5;

/** Work on one file takes longer than the host of this thread waits. */
export class TooLong extends Error {
  constructor(readonly file: string) {
    super(`Work on ${file} takes too long`);
  }
}

/** The time of the processor is asked for at the first look alone: most files are done before. */
let limit: { readonly seconds: number; file: string | undefined; since: number; cpu: number | undefined } | undefined;
let steps = 0;
/** How many steps are taken between two looks at the clock. */
const STEPS_A_LOOK = 512;

/** Does work of which the part on any one file may take so long. @throws TooLong when it takes longer; what was at work is then to be thrown away */
export function limited<T>(seconds: number, work: () => T): T {
  const outer = limit;
  limit = { seconds, file: undefined, since: 0, cpu: undefined };
  try {
    return work();
  } finally {
    limit = outer;
  }
}

/** To be called in whatever can go on for long. @throws TooLong inside of `limited`, when work on the file at hand has taken too long */
export function goOn(): void {
  if (limit?.file === undefined || ++steps % STEPS_A_LOOK !== 0) return;
  const { file, seconds, since, cpu = limit.cpu = cpuSeconds() } = limit;
  const passed = (performance.now() - since) / 1000;
  if (passed > seconds && cpuSeconds() - cpu > seconds * WORK_SHARE) throw new TooLong(file);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const LOOK_EVERY_MS = 250;
/** What does not even work has stopped for good. */
const IDLE_FACTOR = 5;

/** Looks at the places of all threads of a run. */
export class Watchdog {
  private readonly places: { readonly place: WorkPlace; turn: number; looks: number; cpu: number }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private seconds = Infinity;

  /** @param late told once, when work on a file has taken too long */
  constructor(private readonly late: (file: string, seconds: number) => void) {}

  add(buffer: SharedArrayBuffer): void {
    this.places.push({ place: new WorkPlace(buffer), turn: 0, looks: 0, cpu: 0 });
  }

  /** Begins. Looks are counted, not time: nothing is late because the machine has slept. */
  begin(seconds: number): void {
    this.seconds = seconds;
    this.timer ??= setInterval(() => {
      const file = this.look();
      if (file === undefined) return;
      this.end();
      this.late(file, seconds);
    }, LOOK_EVERY_MS).unref();
  }

  end(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.places.length = 0;
  }

  private look(): string | undefined {
    const { user, system } = process.cpuUsage();
    for (const each of this.places) {
      const { turn, file } = each.place.look();
      if (turn !== each.turn) Object.assign(each, { turn, looks: 0, cpu: user + system });
      else each.looks += 1;
      const passed = (each.looks * LOOK_EVERY_MS) / 1000 / this.seconds;
      const worked = (user + system - each.cpu) / 1e6 / this.seconds;
      if (file !== undefined && passed >= 1 && (worked >= WORK_SHARE || passed >= IDLE_FACTOR)) return file;
    }
    return undefined;
  }
}
