/**
 * One load of a model in a process of its own: `load.ts HOW FILE`, where HOW is `bytes` (read into memory, then handed to the
 * runtime) or `path` (the runtime opens the file). Prints times from the start of reading as one JSON line.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [how = '', file = ''] = process.argv.slice(2);
const options = { graphOptimizationLevel: 'all', intraOpNumThreads: 1, logSeverityLevel: 4 } as const;
const startMs = performance.now();
const session = await (how === 'path'
  ? InferenceSession.create(file, options)
  : InferenceSession.create(new Uint8Array(await readFile(file)), options));
const loadedMs = performance.now();
const [width = 1] = [2_048];
await session.run({ x: new Tensor('float32', new Float32Array(width), [1, width]) });
const answeredMs = performance.now();
const { maxRSS } = process.resourceUsage();
console.log(
  JSON.stringify({
    loadMs: loadedMs - startMs,
    answeredMs: answeredMs - startMs,
    peakBytes: maxRSS * 1024,
    check: createHash('sha256').update(String(session.inputNames)).digest('hex').slice(0, 4),
  }),
);
