/**
 * The ceiling for tiny models: the shortest honest server on node:http and ONNX Runtime. It computes on its event loop,
 * forms no batches, checks nothing and has no bounds. `node minimal-server.ts MODEL THREADS` prints its port.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InferenceSession, Tensor } from 'onnxruntime-node';

interface Tensors {
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[]; readonly data: number[] }[];
}

const [modelPath = '', threads = '1'] = process.argv.slice(2);
const session = await InferenceSession.create(readFileSync(modelPath), { intraOpNumThreads: Number(threads) });

async function infer(body: Buffer): Promise<string> {
  const { inputs } = JSON.parse(body.toString()) as Tensors;
  const feeds = inputs.map(({ name, shape, data }) => [name, new Tensor('float32', Float32Array.from(data), shape)]);
  const results = await session.run(Object.fromEntries(feeds) as Record<string, Tensor>);
  const outputs = Object.entries(results).map(([name, { dims, data }]) => ({
    name,
    datatype: 'FP32',
    shape: dims,
    data: Array.from(data as Float32Array),
  }));
  return JSON.stringify({ model_name: 'digits', outputs });
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    infer(Buffer.concat(chunks)).then(
      (answer) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
        response.end(answer);
      },
      () => response.writeHead(500).end(),
    );
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
