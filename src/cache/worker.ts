import { parentPort, workerData } from 'node:worker_threads';
import { parseFile } from '../parse/index.js';
import { during, takePlace } from '../watch.js';
import { encodeFacts } from './facts.js';
import { takeBatch, type Work } from './together.js';

// What a thread runs that helps to parse: it takes files as long as there are some, and sends what it has made of them.
const work = workerData as Work;
takePlace(work.place);
for (let [first, end] = takeBatch(work); first < end; [first, end] = takeBatch(work)) {
  const answer = work.files.slice(first, end).flatMap(([source, text], offset) => {
    const bytes = encodeFacts(during(source.path, () => parseFile(source, text)));
    return bytes === undefined ? [] : [[first + offset, bytes.slice()] as const];
  });
  parentPort!.postMessage(answer, answer.map(([, bytes]) => bytes.buffer));
}
