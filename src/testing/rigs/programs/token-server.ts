/**
 * A server of chat completions that waits out stated times instead of computing: it streams tokens by server-sent events, counts them in
 * `usage`, and tells its prefix-cache hits as vLLM does. A word is a token, and the template adds four.
 *
 *   node src/testing/rigs/programs/token-server.ts --first 50ms --per-input 0.1ms --between 10ms --slots 8 --block 16
 *
 * Without `--block` it has no prefix cache and tells none. SIGTERM ends it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { systemClock } from '../../../adapters/system/clock.ts';
import { readDuration } from '../../../core/units/quantity/quantity-duration.ts';
import { replicaEnvironment } from '../../../schemas/replica/replica-environment.ts';
import type { ReplicaLine } from '../../../schemas/replica/replica-line.ts';
import { TokenEngine } from './token-engine.ts';

const { values } = parseArgs({
  options: {
    first: { type: 'string', default: '50ms' },
    'per-input': { type: 'string', default: '0ms' },
    between: { type: 'string', default: '10ms' },
    slots: { type: 'string', default: '8' },
    block: { type: 'string', default: '0' },
  },
});

function durationOf(text: string): number {
  const read = readDuration(text);
  if (read.ok) return read.value;
  throw new Error(`${text} is not a duration such as 50ms`);
}

const blockTokens = Number(values.block);
const engine = new TokenEngine(
  {
    firstMs: durationOf(values.first),
    perInputMs: durationOf(values['per-input']),
    betweenMs: durationOf(values.between),
    slots: Number(values.slots),
    blockTokens,
  },
  systemClock,
);
const model = process.env[replicaEnvironment.modelName] ?? 'tokens';
const templateTokens = 4;
const mostBodyBytes = 32 * 1024 * 1024;

const tell = (line: ReplicaLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

interface Body {
  readonly messages?: readonly { readonly content?: unknown }[];
  readonly prompt?: unknown;
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly stream?: boolean;
}

const server = createServer((request, response) => {
  void answer(request, response).catch((thrown: unknown) =>
    send(response, 400, { error: thrown instanceof Error ? thrown.message : String(thrown) }),
  );
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = `${request.method} ${request.url?.split('?')[0]}`;
  switch (route) {
    case 'GET /health':
      return send(response, 200, {});
    case 'GET /v1/models':
      return send(response, 200, { object: 'list', data: [{ id: model, object: 'model' }] });
    case 'POST /v1/chat/completions':
    case 'POST /v1/completions':
      return complete(request, response);
    default:
      return send(response, 404, { error: `there is no ${route}` });
  }
}

async function complete(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = JSON.parse((await read(request)).toString('utf8')) as Body;
  const isChat = request.url?.includes('/chat/') === true;
  const text = isChat ? (body.messages ?? []).map(({ content }) => textOf(content)).join(' ') : textOf(body.prompt);
  const words = text.split(/\s+/u).filter((word) => word !== '');
  const tokensIn = words.length + (isChat ? templateTokens : 0);
  const tokensOut = Math.max(1, body.max_completion_tokens ?? body.max_tokens ?? 16);
  const isStream = body.stream === true;
  if (isStream) response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  const event = (value: object): void => void response.write(`data: ${JSON.stringify(value)}\n\n`);
  const base = { id: 'tokens', object: isChat ? 'chat.completion.chunk' : 'text_completion', created: 0, model };
  const cached = await engine.serve({ tokensIn, tokensOut, words }, (token) => {
    if (!isStream) return;
    const finish = token === tokensOut - 1 ? 'length' : null;
    const said = isChat ? { delta: { content: ' ship' } } : { text: ' ship' };
    event({ ...base, choices: [{ index: 0, ...said, finish_reason: finish }] });
  });
  const usage = {
    prompt_tokens: tokensIn,
    completion_tokens: tokensOut,
    total_tokens: tokensIn + tokensOut,
    ...(blockTokens === 0 ? {} : { prompt_tokens_details: { cached_tokens: cached } }),
  };
  if (isStream) {
    event({ ...base, choices: [], usage });
    response.end('data: [DONE]\n\n');
    return;
  }
  const said = ' ship'.repeat(tokensOut);
  const choice = isChat ? { message: { role: 'assistant', content: said } } : { text: said };
  send(response, 200, { ...base, choices: [{ index: 0, ...choice, finish_reason: 'length' }], usage });
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? ''));

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

process.once('SIGTERM', () => {
  tell({ plimsoll: 'draining', inFlight: 0 });
  server.close(() => process.exit(0));
  server.closeAllConnections();
});

server.listen(
  Number(process.env[replicaEnvironment.port] ?? 9000),
  process.env[replicaEnvironment.host] ?? '127.0.0.1',
  () => {
    tell({ plimsoll: 'listening', port: (server.address() as AddressInfo).port });
    tell({ plimsoll: 'ready', afterMs: performance.now() });
  },
);
