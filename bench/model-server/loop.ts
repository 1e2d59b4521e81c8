/**
 * ONNX Runtime with nothing around it: one batch after another in one process, the same tensor each time.
 * `node loop.ts MODEL THREADS ROWS COLUMNS SECONDS` prints batches per second as JSON.
 */
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [modelPath = '', threads = '1', rows = '1', columns = '1', seconds = '1'] = process.argv.slice(2);
const session = await InferenceSession.create(readFileSync(modelPath), { intraOpNumThreads: Number(threads) });
const [name = ''] = session.inputNames;
const shape = [Number(rows), Number(columns)];
const values = Float32Array.from({ length: Number(rows) * Number(columns) }, (_, at) => (at % 97) / 97);
const feeds = { [name]: new Tensor('float32', values, shape) };
for (let round = 0; round < 5; round += 1) await session.run(feeds);

let batches = 0;
const startedMs = performance.now();
const endMs = startedMs + Number(seconds) * 1000;
while (performance.now() < endMs) {
  await session.run(feeds);
  batches += 1;
}
console.log(JSON.stringify({ batchesPerSecond: (batches * 1000) / (performance.now() - startedMs) }));
