import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  spareOrderAtMostBytes,
  spareOrderPath,
  spareOrderSchema,
  spareTokenHeader,
  type SpareOrder,
} from '../../schemas/replica/spare-order.ts';

const { createServer } = process.getBuiltinModule('node:http');

export interface OrderDoor {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Resolves with the one order that it takes, after it was answered; null once the signal aborts. */
  readonly order: Promise<SpareOrder | null>;
}

const host = '127.0.0.1';
const requestTimeoutMs = 30_000;

/**
 * Listens on loopback for the one order of a spare.
 *
 * | request | answer |
 * |---|---|
 * | another path or method | 404 |
 * | the token is missing or wrong | 401 |
 * | the body is larger than an order may be | 413 |
 * | the body is no order | 400 |
 * | an order was taken before | 409 |
 * | the order | 200; the door closes |
 */
export async function openOrderDoor(token: string, signal: AbortSignal): Promise<OrderDoor> {
  const taken = Promise.withResolvers<SpareOrder | null>();
  let isTaken = false;
  const take = async (request: IncomingMessage): Promise<readonly [number, SpareOrder | null]> => {
    if (request.method !== 'POST' || request.url !== spareOrderPath) return [404, null];
    if (!isToken(token, request.headers[spareTokenHeader])) return [401, null];
    const body = await readBody(request);
    if (body === null) return [413, null];
    const order = readOrder(body);
    if (order === null) return [400, null];
    if (isTaken) return [409, null];
    isTaken = true;
    return [200, order];
  };
  const server = createServer(
    { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs },
    (request, response) => {
      take(request)
        .then(([status, order]) => {
          answer(response, status, () => {
            if (order !== null) close(order);
          });
        })
        .catch(() => request.destroy());
    },
  );
  const close = (order: SpareOrder | null): void => {
    signal.removeEventListener('abort', stop);
    server.close();
    server.closeAllConnections();
    taken.resolve(order);
  };
  const stop = (): void => close(null);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return { port: (server.address() as AddressInfo | null)?.port ?? 0, order: taken.promise };
}

/** Both are hashed first, so that the comparison takes the same time for every text. */
function isToken(token: string, given: string | readonly string[] | undefined): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return typeof given === 'string' && timingSafeEqual(digest(token), digest(given));
}

/** Null where it is too large. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > spareOrderAtMostBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function readOrder(body: Buffer): SpareOrder | null {
  try {
    const parsed = spareOrderSchema.safeParse(JSON.parse(body.toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** `sent` is called once the answer has left, also where nobody waits for it any more: the order counts. */
function answer(response: ServerResponse, status: number, sent: () => void): void {
  let isOver = false;
  const over = (): void => {
    if (!isOver) sent();
    isOver = true;
  };
  response.once('finish', over);
  response.once('close', over);
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end('{}');
}
