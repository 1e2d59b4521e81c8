import { request, type Dispatcher } from 'undici';
import type { MetricsAnswer, MetricsFault } from '../../ports/serving/metrics-source.ts';

export interface GetBounds {
  /** From the first byte sent to the last one heard. */
  readonly timeoutMs: number;
  readonly bytesAtMost: number;
}

export interface GetAnswer {
  readonly kind: 'got';
  readonly status: number;
  readonly contentType: string | null;
  readonly body: Uint8Array;
}

export type Failed = Extract<MetricsAnswer, { readonly kind: 'failed' }>;

export const failed = (fault: MetricsFault, message: string, next: string): Failed => ({
  kind: 'failed',
  fault,
  message,
  next,
});

/**
 * One GET that ends in time, whatever the other side does: one that drips a byte a second is ended as one that says nothing.
 * What fails is a value; rejects with the reason of the signal, and for nothing else.
 */
export async function boundedGet(
  dispatcher: Dispatcher,
  url: URL,
  options: GetBounds & { readonly headers?: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<GetAnswer | Failed> {
  const { timeoutMs, bytesAtMost, headers = {}, signal } = options;
  signal.throwIfAborted();
  const deadline = AbortSignal.timeout(timeoutMs);
  const place = `${url.origin}${url.pathname}`;
  try {
    const answer = await request(url, { dispatcher, headers, signal: AbortSignal.any([signal, deadline]) });
    const body = await gather(answer.body, bytesAtMost);
    if (body === null) {
      return failed('too-large', `${place} answers with more than ${bytesAtMost} bytes`, 'export fewer series');
    }
    const type = answer.headers['content-type'];
    return { kind: 'got', status: answer.statusCode, contentType: typeof type === 'string' ? type : null, body };
  } catch (thrown) {
    signal.throwIfAborted();
    return whyNot(thrown, place, deadline.aborted, timeoutMs);
  }
}

function whyNot(thrown: unknown, place: string, isLate: boolean, timeoutMs: number): Failed {
  const { code = '', message } = thrown as { readonly code?: string; readonly message?: string };
  if (isLate || /^UND_ERR_(HEADERS|BODY|CONNECT)_TIMEOUT$/.test(code)) {
    return failed('hung', `${place} did not answer within ${timeoutMs} ms`, `curl --max-time 10 ${place}`);
  }
  const words = code === '' ? String(message) : code;
  return failed('unreachable', `${place} is out of reach: ${words}`, `curl ${place}`);
}

async function gather(body: Dispatcher.ResponseData['body'], bytesAtMost: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    // Leaving the loop ends the body, and with it the connection.
    if (bytes > bytesAtMost) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
