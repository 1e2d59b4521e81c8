import { Agent, request, type Dispatcher } from 'undici';
import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { ReplicaTls } from './replica-tls.ts';

const connectTimeoutMs = 3_000;
const bodyBytesAtMost = 64 * 1024 * 1024;

export interface ReplicaAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** Few connections and short-lived ones: a replica may be gone the next moment, and its port another's. */
export function replicaAgent(connections = 4, tls: ReplicaTls | null = null): Agent {
  const connect = tls === null ? { timeout: connectTimeoutMs } : tls.connectAny(connectTimeoutMs);
  return new Agent({ connections, keepAliveTimeout: 2_000, connect });
}

/** One bounded request to a replica. @throws PlimsollError `replica-unreachable` (unavailable). */
export async function askReplica(
  agent: Agent,
  url: URL,
  options: {
    readonly method: 'GET' | 'POST';
    readonly headers?: Readonly<Record<string, string>>;
    /** In parts, which are sent one after the other without being copied into one. */
    readonly body?: readonly Uint8Array[];
    readonly timeoutMs: number;
    /** Called with each part of the body in the moment in which it came. */
    readonly onPart?: (part: Uint8Array) => void;
    readonly signal: AbortSignal;
  },
): Promise<ReplicaAnswer> {
  const { method, headers = {}, body, timeoutMs, onPart, signal } = options;
  try {
    const answer = await request(url, {
      dispatcher: agent,
      method,
      ...(body === undefined ? { headers } : sentBody(headers, body)),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal,
    });
    return { status: answer.statusCode, headers: answer.headers, body: await readBounded(answer, url, onPart) };
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    throw new PlimsollError({
      code: 'replica-unreachable',
      category: 'unavailable',
      message: `the replica at ${url.origin} does not answer: ${troubleOf(cause, timeoutMs)}`,
      next: nextStep(adapterSteps, 'replica-unreachable'),
      details: { endpoint: url.origin },
      cause,
    });
  }
}

function troubleOf(cause: unknown, timeoutMs: number): string {
  if (!(cause instanceof Error)) return String(cause);
  const isLate = 'code' in cause && (cause.code === 'UND_ERR_HEADERS_TIMEOUT' || cause.code === 'UND_ERR_BODY_TIMEOUT');
  return isLate ? `nothing came within ${formatElapsed(timeoutMs)}` : cause.message;
}

/** Its length is stated, so that it is not sent in chunks of HTTP, which not every server takes. */
function sentBody(headers: Readonly<Record<string, string>>, parts: readonly Uint8Array[]) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  // undici takes any iterable of bytes (its docs/api/Dispatcher.md), which its types leave out.
  const body = parts as unknown as Uint8Array;
  return { headers: { ...headers, 'content-length': String(length) }, body };
}

async function readBounded(
  answer: Dispatcher.ResponseData,
  url: URL,
  onPart?: (part: Uint8Array) => void,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body as AsyncIterable<Uint8Array>) {
    onPart?.(part);
    bytes += part.length;
    if (bytes > bodyBytesAtMost) {
      throw new PlimsollError({
        code: 'replica-answer-too-large',
        category: 'refused',
        message: `the replica at ${url.origin} answers with more than ${bodyBytesAtMost} bytes`,
        details: { endpoint: url.origin },
      });
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}
