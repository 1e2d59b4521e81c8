/**
 * A server that somebody else could have written, with its models inside: version N of the model answers `x * (N + 1)`. It
 * speaks as much of the Open Inference Protocol as a gateway, a golden set and an order to sleep ask for.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const { env } = process;
const name = env['PLIMSOLL_MODEL_NAME'] ?? '';
const model = `/v2/models/${name}`;
let isLoaded = true;
const factor = Number(env['PLIMSOLL_MODEL_VERSION']) + 1;
const identity = `${env['PLIMSOLL_REPLICA_ID'] ?? ''}/${randomBytes(8).toString('hex')}`;

interface InferRequest {
  readonly inputs: readonly { readonly shape: readonly number[]; readonly data: readonly number[] }[];
}

function answer(url: string, body: string): object | null {
  if (url === '/v2/health/live') return { live: true };
  if (url === '/v2/repository/index') {
    return [isLoaded ? { name, state: 'READY' } : { name, state: 'UNAVAILABLE', reason: 'unloaded' }];
  }
  if (url === `/v2/repository/models/${name}/unload` || url === `/v2/repository/models/${name}/load`) {
    isLoaded = url.endsWith('/load');
    return {};
  }
  if (!isLoaded) return null;
  if (url === '/v2/health/ready' || url === `${model}/ready`) return { ready: true };
  if (url !== `${model}/infer`) return null;
  const [x] = (JSON.parse(body) as InferRequest).inputs;
  const outputs = [
    { name: 'y', datatype: 'FP32', shape: x?.shape, data: x?.data.flat(9).map((each) => each * factor) },
  ];
  return { model_name: env['PLIMSOLL_MODEL_NAME'], model_version: env['PLIMSOLL_MODEL_VERSION'], outputs };
}

const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const found = answer(request.url ?? '', Buffer.concat(chunks).toString());
    const text = JSON.stringify(found ?? { error: 'nothing is there' });
    response.writeHead(found === null ? 404 : 200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'plimsoll-replica-id': identity,
    });
    response.end(text);
  });
});
server.keepAliveTimeout = 75_000;
server.listen(Number(env['PLIMSOLL_PORT']), env['PLIMSOLL_HOST']);
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
