import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import type { Clock } from '../../../ports/process/clock.ts';
import { imageError } from '../image-errors.ts';

export interface RegistryTimes {
  /** For a connection, for the head of an answer, and between two pieces of a body. */
  readonly idleMs: number;
  readonly attempts: number;
  readonly firstBackoffMs: number;
  readonly backoffAtMostMs: number;
  /** A registry that asks for more patience than this is said to be out of reach. */
  readonly retryAfterAtMostMs: number;
}

export const registryTimes: RegistryTimes = {
  idleMs: 20_000,
  attempts: 5,
  firstBackoffMs: 500,
  backoffAtMostMs: 15_000,
  retryAfterAtMostMs: 120_000,
};

export type Answer = Dispatcher.ResponseData;

/** Loopback never goes through a proxy; everything else as `HTTPS_PROXY` and `NO_PROXY` say. */
export function makeDispatcher(url: URL, times: RegistryTimes): Dispatcher {
  const options = { connect: { timeout: times.idleMs }, headersTimeout: times.idleMs, bodyTimeout: times.idleMs };
  return isLoopback(url.hostname) ? new Agent(options) : new EnvHttpProxyAgent(options);
}

export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);

/** One request; redirects are the caller's. */
export function send(
  url: URL,
  options: {
    readonly dispatcher: Dispatcher;
    readonly method?: 'GET' | 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly signal: AbortSignal;
  },
): Promise<Answer> {
  const { dispatcher, method = 'GET', headers, body, signal } = options;
  return request(url, { dispatcher, method, headers, signal, ...(body === undefined ? {} : { body }) });
}

export function headerOf({ headers }: Answer, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Lets the connection go, and reads no more than it must. */
export async function discard(answer: Answer): Promise<void> {
  await answer.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
}

/** How long to wait before the next attempt; the registry's own word where it has one. Null: longer than is sensible. */
export function waitMs(
  attempt: number,
  times: RegistryTimes,
  retryAfter: string | undefined,
  nowMs: number,
): number | null {
  const statedMs = retryAfterMs(retryAfter, nowMs);
  if (statedMs !== null) return statedMs > times.retryAfterAtMostMs ? null : statedMs;
  return Math.min(times.backoffAtMostMs, times.firstBackoffMs * 2 ** attempt);
}

/** Seconds or a date: RFC 9110, section 10.2.3. */
function retryAfterMs(text: string | undefined, nowMs: number): number | null {
  if (text === undefined) return null;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}

/** Tries again while `work` throws what may pass; `work` says so by RetryLater. */
export class RetryLater extends Error {
  readonly retryAfter: string | undefined;
  constructor(message: string, retryAfter?: string, cause?: unknown) {
    super(message, { cause });
    this.retryAfter = retryAfter;
  }
}

export async function withRetries<T>(
  registry: string,
  { clock, times, signal }: { readonly clock: Clock; readonly times: RegistryTimes; readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof RetryLater)) throw thrown;
      const pauseMs = waitMs(attempt, times, thrown.retryAfter, clock.nowMs());
      if (attempt + 1 >= times.attempts || pauseMs === null) throw unreachable(registry, thrown, attempt + 1);
      await clock.sleep(pauseMs, signal);
    }
  }
}

/** Its cause is an `Unanswered`, for callers that fetch no image and say it in other words. */
export function unreachable(registry: string, { message, retryAfter }: RetryLater, attempts: number): Error {
  const tried = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  const asked = retryAfter === undefined ? '' : `; it asks to come back after ${retryAfter}`;
  return imageError(
    'registry-unreachable',
    `${registry} does not give the image after ${tried}: ${message}${asked}`,
    'plimsoll inspect it again later, or save it where it is: skopeo copy docker://IMAGE oci:FOLDER:TAG',
    new Unanswered(`${message}${asked}`, attempts),
  );
}

export class Unanswered extends Error {
  readonly attempts: number;
  constructor(why: string, attempts: number) {
    super(why);
    this.attempts = attempts;
  }
}

/** What went wrong on the way, in the words of the system: `ECONNREFUSED`, `no answer within 20 s`. */
export function wordsOf(thrown: unknown, idleMs: number): string {
  const error = thrown as {
    readonly code?: string;
    readonly message?: string;
    readonly cause?: { readonly code?: string };
  };
  const code = error.code ?? error.cause?.code ?? '';
  if (/UND_ERR_(HEADERS|BODY|CONNECT)_TIMEOUT/.test(code)) return `no answer within ${idleMs / 1000} s`;
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET') return 'it cut the connection';
  return code === '' ? (error.message ?? String(thrown)) : code;
}
