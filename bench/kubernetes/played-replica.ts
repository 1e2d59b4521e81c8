/** Answers for every replica that kwok plays: version 1 of each model, which doubles. Prints its port. */
import { createServer } from 'node:http';

interface InferRequest {
  readonly inputs: readonly { readonly shape: readonly number[]; readonly data: readonly number[] }[];
}

function infer(model: string, body: string): object {
  const [x] = (JSON.parse(body) as InferRequest).inputs;
  const outputs = [{ name: 'y', datatype: 'FP32', shape: x?.shape, data: x?.data.flat(9).map((each) => each * 2) }];
  return { model_name: model, model_version: '1', outputs };
}

const port = Number(process.argv[2]);
createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const model = /^\/v2\/models\/([^/]+)\/infer$/.exec(request.url ?? '')?.[1];
    const text = JSON.stringify(model === undefined ? { ready: true } : infer(model, Buffer.concat(chunks).toString()));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  });
}).listen(port, '0.0.0.0', () => console.log(port));
