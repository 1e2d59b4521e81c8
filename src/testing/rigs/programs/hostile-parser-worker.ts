/**
 * Parses as the real worker does, except that a JSON text `"forever"`, `"memory"` or `"fail"` does what it says, and
 * `"count"` is answered by how many texts this thread has read.
 */
import { parentPort } from 'node:worker_threads';
import { answerWork } from '../../../adapters/bounded-parser/answer-work.ts';
import type { ParseWork } from '../../../adapters/bounded-parser/parse-messages.ts';

let count = 0;
parentPort?.on('message', (work: ParseWork) => {
  const text = new TextDecoder().decode(work.bytes);
  count += 1;
  if (text === '"forever"') for (;;);
  if (text === '"memory"') for (const kept: number[][] = []; ;) kept.push(Array.from({ length: 10_000 }, Math.random));
  if (text === '"fail"') throw new TypeError('the parser broke');
  parentPort?.postMessage(text === '"count"' ? { ok: true, value: count } : answerWork(work));
});
