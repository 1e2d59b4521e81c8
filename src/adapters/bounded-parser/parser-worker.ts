/** The thread that parses. It holds nothing between two texts, so that it can be ended at any moment. */
import { parentPort } from 'node:worker_threads';
import { answerWork } from './answer-work.ts';
import type { ParseWork } from './parse-messages.ts';

parentPort?.on('message', (work: ParseWork) => parentPort?.postMessage(answerWork(work)));
