/**
 * One load of a generated model in a process of its own: `load.ts bytes|path FILE WIDTH`. `bytes` reads the file into memory and
 * hands it to the runtime, `path` lets the runtime open it. Prints one JSON line; times count from the start of reading.
 */
import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [how, file = '', width = '1'] = process.argv.slice(2);
const options = { graphOptimizationLevel: 'all', intraOpNumThreads: 1, logSeverityLevel: 4 } as const;
const startMs = performance.now();
const session = await (how === 'path'
  ? InferenceSession.create(file, options)
  : InferenceSession.create(new Uint8Array(await readFile(file)), options));
const loadMs = performance.now() - startMs;
await session.run({ x: new Tensor('float32', new Float32Array(Number(width)), [1, Number(width)]) });
const answeredMs = performance.now() - startMs;
console.log(JSON.stringify({ loadMs, answeredMs, peakBytes: process.resourceUsage().maxRSS * 1024 }));
