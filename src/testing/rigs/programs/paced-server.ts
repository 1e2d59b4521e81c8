/**
 * A server that waits out stated times instead of computing, so that on any machine one more replica adds what it says: it
 * speaks the Open Inference Protocol (JSON tensors) and chat completions, prints the lines of a replica, and counts batches.
 *
 *   node src/testing/rigs/programs/paced-server.ts --curve slots:4,200ms --start weights-load:10s
 *
 * It listens at once and is ready once its start is waited out. Its answer to a row is the sum of the row's numbers. A
 * request may state its own size: `"parameters": { "work_ms": 50 }`, of a batch server a factor on the batch's time. SIGTERM:
 * it answers what it has accepted, then ends.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../adapters/system/clock.ts';
import { replicaEnvironment } from '../../../schemas/replica/replica-environment.ts';
import type { ReplicaLine } from '../../../schemas/replica/replica-line.ts';
import { replicaMetrics } from '../../../schemas/replica/replica-metrics.ts';
import { readPacedOptions } from './paced-options.ts';
import { pacedService } from './paced-service.ts';

const options = readPacedOptions(process.argv.slice(2));
const service = pacedService(options.curve, systemClock);
const model = process.env[replicaEnvironment.modelName] ?? 'paced';
const mostBodyBytes = 32 * 1024 * 1024;
let phase: 'starting' | 'serving' | 'draining' = 'starting';
let inFlight = 0;

const tell = (line: ReplicaLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

interface Tensor {
  readonly shape?: readonly number[];
  readonly data?: readonly unknown[];
}
interface Body {
  readonly inputs?: readonly Tensor[];
  readonly parameters?: { readonly work_ms?: number };
}

const server = createServer((request, response) => {
  void answer(request, response).catch((thrown: unknown) =>
    send(response, 400, { error: thrown instanceof Error ? thrown.message : String(thrown) }),
  );
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = `${request.method} ${request.url}`;
  const ofModel = `/v2/models/${encodeURIComponent(model)}`;
  if (route === `POST ${ofModel}/infer` || route === 'POST /v1/chat/completions') return infer(request, response);
  const isReady = phase === 'serving';
  switch (route) {
    case 'GET /v2':
      return send(response, 200, { name: 'paced', version: '1', extensions: [] });
    case 'GET /v2/health/live':
      return send(response, 200, { live: true });
    case 'GET /v2/health/ready':
    case 'GET /health':
    case `GET ${ofModel}/ready`:
      return send(response, isReady ? 200 : 503, { ready: isReady });
    case `GET ${ofModel}`:
      return send(response, 200, {
        name: model,
        platform: 'paced',
        inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }],
        outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
      });
    case 'GET /v1/models':
      return send(response, isReady ? 200 : 503, { object: 'list', data: [{ id: model, object: 'model' }] });
    case 'GET /metrics':
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(metrics());
      return;
    default:
      return send(response, 404, { error: `there is no ${route}` });
  }
}

async function infer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (phase !== 'serving') return send(response, 503, { error: phase });
  if (service.queueDepth >= options.queueLimit) return send(response, 429, { error: 'the queue is full' });
  inFlight += 1;
  try {
    const body = JSON.parse((await read(request)).toString('utf8')) as Body;
    // Each row takes its place in a batch, or a slot.
    const rows = Array.from({ length: Math.max(1, body.inputs?.[0]?.shape?.[0] ?? 1) });
    await Promise.all(rows.map(() => service.serve(body.parameters?.work_ms)));
    send(
      response,
      200,
      request.url?.startsWith('/v1/') === true ? chat() : { model_name: model, outputs: [sums(body)] },
    );
  } finally {
    inFlight -= 1;
  }
}

/** The sum of each row of the first input. */
function sums({ inputs = [] }: Body): object {
  const { shape = [1], data = [] } = inputs[0] ?? {};
  const flat = data.flat(8).map(Number);
  const rows = Math.max(1, shape[0] ?? 1);
  const width = flat.length / rows;
  const sum = (row: number): number => flat.slice(row * width, (row + 1) * width).reduce((a, b) => a + b, 0);
  return { name: 'y', datatype: 'FP32', shape: [rows, 1], data: Array.from({ length: rows }, (_, row) => sum(row)) };
}

function chat(): object {
  const message = { role: 'assistant', content: 'paced' };
  return { object: 'chat.completion', model, choices: [{ index: 0, message, finish_reason: 'stop' }] };
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > mostBodyBytes) throw new Error(`the body has more than ${mostBodyBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function send(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function metrics(): string {
  const { curve } = options;
  const labels = `{model=${JSON.stringify(model)},version="1"}`;
  const values = {
    [replicaMetrics.batchRows]: service.served.rows,
    [replicaMetrics.batches]: service.served.batches,
    [replicaMetrics.batchLimit]: curve.kind === 'batch' ? curve.batchMs.length : 1,
    plimsoll_model_server_queue_depth_requests: service.queueDepth,
    plimsoll_model_server_in_flight_requests: inFlight,
  };
  return `${Object.entries(values)
    .map(([name, value]) => `${name}${labels} ${value}`)
    .join('\n')}\n`;
}

function drain(): void {
  if (phase === 'draining') return;
  phase = 'draining';
  tell({ plimsoll: 'draining', inFlight });
  const end = (): void => {
    if (inFlight > 0) setTimeout(end, 20);
    else server.close(() => process.exit(0));
    if (inFlight === 0) server.closeIdleConnections();
  };
  end();
}
process.once('SIGTERM', drain);
process.once('SIGINT', drain);

/** Milliseconds since the process began. */
const sinceStartMs = (): number => performance.now();

async function start(): Promise<void> {
  for (const { phase: name, durationMs } of options.start) {
    const startMs = sinceStartMs();
    await systemClock.sleep(durationMs);
    tell({ plimsoll: 'phase', phases: [name], startMs, durationMs: sinceStartMs() - startMs });
  }
  if (phase !== 'starting') return;
  phase = 'serving';
  tell({ plimsoll: 'ready', afterMs: sinceStartMs() });
}

tell({ plimsoll: 'phase', phases: ['process-start'], startMs: 0, durationMs: sinceStartMs() });
server.listen(
  Number(process.env[replicaEnvironment.port] ?? 9000),
  process.env[replicaEnvironment.host] ?? '127.0.0.1',
  () => {
    tell({ plimsoll: 'listening', port: (server.address() as AddressInfo).port });
    void start();
  },
);
