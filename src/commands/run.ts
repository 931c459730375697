import { modules } from '../import.js';
import { ownPlace, watch } from '../watch.js';
import { failureText, main } from './main.js';
import { ioOf, type Given, type Tell } from './talk.js';
import { temporaries } from './write.js';

/** What a script whose compiled code is kept is given. */
interface Script {
  readonly import: typeof modules.import;
  /** Keeps what is compiled by now. */
  readonly keep: () => void;
}

/** Runs one command line, and tells what it has to say; its status comes last. @param script where the run is a script whose compiled code is kept */
export async function run(given: Given, tell: Tell, script?: Script): Promise<void> {
  if (script !== undefined) modules.import = script.import;
  temporaries.begin = (temporary) => tell({ temporary, exists: true });
  temporaries.end = (temporary) => tell({ temporary, exists: false });
  watch.endless = new Set(given.endless);
  watch.begin = (patience) => tell({ patience });
  watch.add = (place) => tell({ place });
  watch.add(ownPlace());
  try {
    const status = await main(given.argv, ioOf(given, tell));
    script?.keep();
    tell({ status });
  } catch (error) {
    tell({ error: failureText(error) });
    tell({ status: 2 });
  }
}
