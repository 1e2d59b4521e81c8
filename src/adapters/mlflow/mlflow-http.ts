import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { remoteAnswer, remoteChanged, remoteRefused, remoteUnreachable } from '../../core/registry/remote-errors.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';

export interface MlflowTimes {
  /** For a connection, for the head of an answer, and between two pieces of a body. */
  readonly idleMs: number;
  readonly attempts: number;
  readonly firstBackoffMs: number;
  readonly backoffAtMostMs: number;
}

export const mlflowTimes: MlflowTimes = { idleMs: 20_000, attempts: 4, firstBackoffMs: 500, backoffAtMostMs: 8_000 };

export interface MlflowHttpOptions {
  /** The tracking server, with a path where it is mounted below one. */
  readonly base: URL;
  readonly location: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly times?: MlflowTimes;
}

/** One answer of the API: the JSON, or what MLflow says is wrong. */
export type MlflowAnswer =
  | { readonly ok: true; readonly json: unknown }
  | { readonly ok: false; readonly status: number; readonly code: string; readonly message: string };

interface Question {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PATCH';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const jsonBytesAtMost = 16 * 1024 * 1024;
/** Slower than this for a whole minute is as good as hanging. */
const slowest = { bytes: 64 * 1024, windowMs: 60_000 };

class MayPass extends Error {}

/** Requests to one MLflow server. Redirects are not followed: the API has none, and a login page is one. */
export class MlflowHttp {
  readonly #options: MlflowHttpOptions;
  readonly #times: MlflowTimes;
  readonly #dispatcher: Dispatcher;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(options: MlflowHttpOptions) {
    this.#options = options;
    this.#times = options.times ?? mlflowTimes;
    const { idleMs } = this.#times;
    const limits = { connect: { timeout: idleMs }, headersTimeout: idleMs, bodyTimeout: idleMs };
    const isLocal = isLoopback(options.base.hostname);
    this.#dispatcher = isLocal ? new Agent(limits) : new EnvHttpProxyAgent(limits);
    const authorization = authorizationOf(options.env);
    if (authorization !== null && options.base.protocol === 'http:' && !isLocal && !allowsPlain(options.env)) {
      throw remoteRefused(
        options.location,
        'credentials would cross the network readable by everyone on the way',
        `use https, or set PLIMSOLL_PLAIN_HTTP=1 where the network is your own`,
      );
    }
    this.#headers = authorization === null ? {} : { authorization };
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }

  /** @throws PlimsollError of the port for everything but an answer of the API. */
  ask(question: Question, signal: AbortSignal): Promise<MlflowAnswer> {
    return this.#retrying(signal, async () => {
      const answer = await this.#send(question, signal);
      const bytes = await this.#gather(answer, signal);
      return this.#judge(answer.statusCode, bytes);
    });
  }

  /** The bytes of an artifact. Null when there is none. A server that has no ranges is read past what is known. */
  async *download(
    path: string,
    query: Readonly<Record<string, string>>,
    bytes: number | null,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const { clock } = this.#options;
    let done = 0;
    for (let attempt = 0; ; attempt += 1) {
      const before = done;
      try {
        for await (const piece of this.#downloadFrom(path, query, done, bytes, signal)) {
          done += piece.length;
          yield piece;
        }
        if (bytes === null || done === bytes) return;
        throw new MayPass(`it ended after ${done} of ${bytes} bytes`);
      } catch (thrown) {
        signal.throwIfAborted();
        if (!(thrown instanceof MayPass)) throw thrown;
        // Fewer bytes do not begin a new count, or a server that drips would be asked for ever.
        if (done - before >= Math.min(slowest.bytes, (bytes ?? Infinity) / 100)) attempt = 0;
        if (attempt + 1 >= this.#times.attempts)
          throw remoteUnreachable(this.#options.location, thrown.message, attempt + 1, thrown);
        await clock.sleep(this.#pauseMs(attempt), signal);
      }
    }
  }

  async *#downloadFrom(
    path: string,
    query: Readonly<Record<string, string>>,
    offset: number,
    bytes: number | null,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const range = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const answer = await this.#send({ method: 'GET', path, query }, signal, range);
    if (answer.statusCode !== 200 && answer.statusCode !== 206) {
      const judged = this.#judge(answer.statusCode, await this.#gather(answer, signal));
      throw remoteAnswer(
        this.#options.location,
        judged.ok ? `status ${answer.statusCode} for ${path}` : `${judged.status} ${judged.message} for ${path}`,
      );
    }
    let toSkip = answer.statusCode === 206 ? 0 : offset;
    let seen = answer.statusCode === 206 ? offset : 0;
    const { clock } = this.#options;
    let window = { sinceMs: clock.monotonicMs(), bytes: 0 };
    try {
      for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
        signal.throwIfAborted();
        seen += piece.length;
        window.bytes += piece.length;
        if (bytes !== null && seen > bytes)
          throw remoteChanged(this.#options.location, path, `more than the ${bytes} bytes that were listed`);
        const skipped = Math.min(toSkip, piece.length);
        toSkip -= skipped;
        if (skipped < piece.length) yield piece.subarray(skipped);
        if (clock.monotonicMs() - window.sinceMs < slowest.windowMs) continue;
        if (window.bytes < slowest.bytes) throw new MayPass(`it sends less than ${slowest.bytes} bytes a minute`);
        window = { sinceMs: clock.monotonicMs(), bytes: 0 };
      }
    } catch (thrown) {
      throw this.#passing(thrown, signal);
    }
  }

  async #send(
    { method, path, query = {}, body }: Question,
    signal: AbortSignal,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Dispatcher.ResponseData> {
    signal.throwIfAborted();
    const url = new URL(`${this.#options.base.pathname.replace(/\/$/, '')}${path}`, this.#options.base);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    try {
      return await request(url, {
        dispatcher: this.#dispatcher,
        method,
        signal,
        headers: {
          ...this.#headers,
          ...more,
          // Flask must not compress what is read by ranges.
          'accept-encoding': 'identity',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (thrown) {
      throw this.#passing(thrown, signal);
    }
  }

  async #gather(answer: Dispatcher.ResponseData, signal: AbortSignal): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    try {
      for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
        bytes += piece.length;
        if (bytes > jsonBytesAtMost)
          throw remoteAnswer(this.#options.location, `an answer of more than ${jsonBytesAtMost} bytes`);
        parts.push(piece);
      }
    } catch (thrown) {
      throw this.#passing(thrown, signal);
    }
    return Buffer.concat(parts);
  }

  /** https://mlflow.org/docs/latest/rest-api.html: errors are `{error_code, message}`. */
  #judge(status: number, bytes: Buffer): MlflowAnswer {
    const { location } = this.#options;
    if (status === 401 || status === 403) {
      const known =
        this.#headers['authorization'] === undefined ? 'no credentials are known' : 'with the credentials given';
      throw remoteRefused(
        location,
        `it answers ${status}, ${known}`,
        'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN',
      );
    }
    if (status === 429 || status === 408 || status >= 500) throw new MayPass(`it answers ${status}${wordsIn(bytes)}`);
    const json = jsonOrUndefined(bytes);
    if (status === 200) {
      if (json !== undefined) return { ok: true, json };
      throw remoteAnswer(
        location,
        `${bytes.length === 0 ? 'nothing' : looksLikeHtml(bytes) ? 'an HTML page' : 'something that is no JSON'} where JSON belongs`,
      );
    }
    if (status >= 300 && status < 400)
      throw remoteAnswer(location, `a redirect (${status}), as a page for logging in gives`);
    const told = json as { readonly error_code?: unknown; readonly message?: unknown } | undefined;
    return {
      ok: false,
      status,
      code: typeof told?.error_code === 'string' ? told.error_code : '',
      message: typeof told?.message === 'string' ? told.message.slice(0, 300) : `status ${status}`,
    };
  }

  async #retrying<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await work();
      } catch (thrown) {
        signal.throwIfAborted();
        if (!(thrown instanceof MayPass)) throw thrown;
        if (attempt + 1 >= this.#times.attempts)
          throw remoteUnreachable(this.#options.location, thrown.message, attempt + 1, thrown);
        await this.#options.clock.sleep(this.#pauseMs(attempt), signal);
      }
    }
  }

  #pauseMs(attempt: number): number {
    return Math.min(this.#times.backoffAtMostMs, this.#times.firstBackoffMs * 2 ** attempt);
  }

  #passing(thrown: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (thrown instanceof PlimsollError || thrown instanceof MayPass) return thrown;
    const { code = '', message } = thrown as { readonly code?: string; readonly message?: string };
    if (/UND_ERR_(HEADERS|BODY|CONNECT)_TIMEOUT/.test(code))
      return new MayPass(`no answer within ${this.#times.idleMs / 1000} s`, { cause: thrown });
    if (/UND_ERR_SOCKET|ECONNRESET|UND_ERR_RES_CONTENT_LENGTH/.test(code))
      return new MayPass('it cut the connection', { cause: thrown });
    return new MayPass(code === '' ? String(message) : code, { cause: thrown });
  }
}

export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);

const allowsPlain = (env: MlflowHttpOptions['env']): boolean => env['PLIMSOLL_PLAIN_HTTP'] === '1';

/** As MLflow's own client has it: a name and a password go before a token. */
function authorizationOf(env: MlflowHttpOptions['env']): string | null {
  const username = env['MLFLOW_TRACKING_USERNAME'] ?? '';
  const password = env['MLFLOW_TRACKING_PASSWORD'] ?? '';
  const token = env['MLFLOW_TRACKING_TOKEN'] ?? '';
  if (username !== '' && password !== '') return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return /^[\x21-\x7e]+$/.test(token) ? `Bearer ${token}` : null;
}

function jsonOrUndefined(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

const looksLikeHtml = (bytes: Buffer): boolean => /^\s*<(!doctype|html)/i.test(bytes.subarray(0, 200).toString('utf8'));

function wordsIn(bytes: Buffer): string {
  const told = jsonOrUndefined(bytes) as { readonly message?: unknown } | undefined;
  return typeof told?.message === 'string' ? `: ${told.message.slice(0, 200)}` : '';
}
