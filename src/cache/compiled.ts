import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { makeFolder } from './folder.js';
import { checked, hashOf, remove, withCheckSum } from './pack.js';

/** A script that was run. */
export interface Loaded {
  readonly exports: unknown;
  /** Keeps what has been compiled of it by now, where that is not known yet. */
  readonly keep: () => void;
}

/** So many are kept, for as many versions of the program and of Node: those written last. */
const MOST = 4;
const NAME = /^[0-9a-f]{40}$/;

/**
 * Runs a script in CommonJS, which can import no module by `import()`. With what V8 compiled of it in an earlier run it takes a fraction of the time (`v8.Script` with `cachedData`).
 * @param file in ASCII
 * @param folder where that is kept: one that is the user's own, for it is run unseen; undefined: nowhere
 * @throws the error of the script, or of the system where it cannot be read
 */
export function loadCompiled(file: string, folder: string | undefined): Loaded {
  const bytes = readFileSync(file);
  const place = folder && join(folder, hashOf(JSON.stringify([process.version, process.arch, process.execArgv, process.env['NODE_OPTIONS'], hashOf(bytes).toString('hex')])).toString('hex'));
  const cachedData = place === undefined ? undefined : keptAt(place);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {'use strict';${bytes.toString('latin1')}\n})`, {
    filename: file, ...(cachedData && { cachedData }),
  });
  const own = { exports: {} };
  (script.runInThisContext() as (...given: unknown[]) => void)(own.exports, createRequire(file), own, file, dirname(file));
  const isKnown = cachedData !== undefined && script.cachedDataRejected !== true;
  return { get exports() { return own.exports; }, keep: () => { if (place !== undefined && !isKnown) write(place, script.createCachedData()); } };
}

function keptAt(place: string): Buffer | undefined {
  try {
    return checked(readFileSync(place));
  } catch {
    return undefined;
  }
}

/** A full or read-only disk is no error. */
function write(place: string, bytes: Buffer): void {
  const folder = dirname(place);
  const temporary = `${place}.${process.pid}`;
  try {
    makeFolder(folder);
    writeFileSync(temporary, withCheckSum(bytes), { flag: 'wx', mode: 0o600 });
    renameSync(temporary, place);
    const kept = readdirSync(folder).filter((name) => NAME.test(name)).map((name) => join(folder, name)).map((path) => ({ path, time: statSync(path).mtimeMs }));
    for (const { path } of kept.sort((a, b) => b.time - a.time).slice(MOST)) remove(path);
  } catch {
    remove(temporary);
  }
}
