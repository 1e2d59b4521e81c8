import { AwsV4Signer } from 'aws4fetch';
import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import {
  remoteAnswer,
  remoteBucketUnknown,
  remoteChanged,
  remoteFilesAtMost,
  remoteModelUnknown,
  remoteRefused,
  remoteTooLarge,
  remoteUnreachable,
  requireSafePath,
} from '../../core/registry/remote-errors.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { RemoteFiles } from '../../ports/artifacts/model-registry.ts';

export interface S3Options {
  /** `s3://BUCKET` or `s3://BUCKET/PREFIX`. */
  readonly uri: string;
  /** As the AWS tools have them: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly times?: { readonly idleMs: number; readonly attempts: number; readonly firstBackoffMs: number };
}

export type Answer = Dispatcher.ResponseData;
export interface Sent {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly body?: {
    readonly bytes: number;
    /** In hexadecimal. */
    readonly sha256: string;
    readonly read: () => AsyncIterable<Uint8Array> | string;
  };
}

interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  /** In whole seconds, as headers state it too. */
  readonly storedAtMs: number;
}

interface Listing {
  readonly objects: readonly ListedObject[];
  readonly folders: readonly string[];
}

/** What the next attempt may not meet. */
export class MayPass extends Error {}

/** Slower than this for a whole minute is as good as hanging. */
const slowest = { bytes: 64 * 1024, windowMs: 60_000 };

const usual = { idleMs: 20_000, attempts: 4, firstBackoffMs: 500 };
/** Of 1,000 objects each. */
const pagesAtMost = 100_000;
const listBytesAtMost = 8 * 1024 * 1024;

/** One bucket by its REST interface, signed by version 4; every call bounded in time and attempts. */
export class Bucket {
  readonly prefix: string;
  readonly #options: S3Options;
  readonly #times: NonNullable<S3Options['times']>;
  readonly #base: URL;
  readonly #dispatcher: Dispatcher;

  constructor(options: S3Options) {
    this.#options = options;
    this.#times = options.times ?? usual;
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(options.uri) ?? [];
    this.prefix = key === '' || key.endsWith('/') ? key : `${key}/`;
    const { env } = options;
    const stated = env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'] ?? '';
    // By path: other servers than Amazon's have no names below their own, and Amazon's still takes it.
    this.#base = new URL(
      `${stated === '' ? `https://s3.${regionOf(env)}.amazonaws.com` : stated.replace(/\/$/, '')}/${bucket}`,
    );
    const { idleMs } = this.#times;
    const limits = { connect: { timeout: idleMs }, headersTimeout: idleMs, bodyTimeout: idleMs };
    const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(this.#base.hostname);
    this.#dispatcher = isLocal ? new Agent(limits) : new EnvHttpProxyAgent(limits);
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }

  async files(prefix: string, signal: AbortSignal, isExact = false): Promise<RemoteFiles> {
    const { objects } = await this.list(prefix, '', signal);
    const chosen = objects.filter(({ key }) => !key.endsWith('/') && (!isExact || key === prefix));
    const etags = new Map<string, { readonly key: string; readonly etag: string }>();
    const files = chosen.map(({ key, bytes, etag }) => {
      const path = requireSafePath(this.#options.uri, isExact ? lastPart(key) : key.slice(prefix.length));
      etags.set(path, { key, etag });
      return { path, bytes, digest: null };
    });
    return {
      files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
      read: ({ path, bytes }, reading) => this.read(path, etags.get(path), bytes ?? 0, reading),
    };
  }

  /** @throws PlimsollError `remote-too-large` above `remoteFilesAtMost` objects. */
  async list(prefix: string, delimiter: string, signal: AbortSignal): Promise<Listing> {
    const objects: ListedObject[] = [];
    const folders: string[] = [];
    for await (const page of this.pages(prefix, delimiter, signal)) {
      objects.push(...page.objects);
      folders.push(...page.folders);
      if (objects.length > remoteFilesAtMost)
        throw remoteTooLarge(this.#options.uri, `more than ${remoteFilesAtMost} objects`);
    }
    return { objects, folders };
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html, names encoded so that XML can carry them. */
  async *pages(prefix: string, delimiter: string, signal: AbortSignal): AsyncGenerator<Listing> {
    let token: string | undefined;
    for (let page = 0; page < pagesAtMost; page += 1) {
      const url = new URL(this.#base);
      url.searchParams.set('list-type', '2');
      url.searchParams.set('encoding-type', 'url');
      url.searchParams.set('prefix', prefix);
      if (delimiter !== '') url.searchParams.set('delimiter', delimiter);
      if (token !== undefined) url.searchParams.set('continuation-token', token);
      const xml = await this.retrying(signal, async () => this.text(await this.send(url, {}, signal), signal));
      if (!/<ListBucketResult/.test(xml)) throw remoteAnswer(this.#options.uri, 'no list of objects');
      const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, one = '']) => ({
        key: named(one, 'Key'),
        bytes: Number(textIn(one, 'Size')),
        etag: unescaped(textIn(one, 'ETag')),
        storedAtMs: Math.floor(Date.parse(textIn(one, 'LastModified')) / 1_000) * 1_000,
      }));
      const folders = [...xml.matchAll(/<CommonPrefixes>(.*?)<\/CommonPrefixes>/gs)].map(([, one = '']) =>
        named(one, 'Prefix'),
      );
      yield { objects, folders };
      if (textIn(xml, 'IsTruncated') !== 'true') return;
      token = unescaped(textIn(xml, 'NextContinuationToken'));
    }
    throw remoteTooLarge(this.#options.uri, `more than ${pagesAtMost} pages of objects`);
  }

  /** One object from its start. `If-Match` holds every piece to the object that was listed. */
  async *read(
    path: string,
    object: { readonly key: string; readonly etag: string } | undefined,
    bytes: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    if (object === undefined) throw remoteModelUnknown(this.#options.uri, path);
    const url = this.urlOf(object.key);
    let done = 0;
    for (let attempt = 0; done < bytes; attempt += 1) {
      const before = done;
      try {
        const range = done === 0 ? {} : { range: `bytes=${done}-` };
        const answer = await this.send(url, { ...range, 'if-match': object.etag }, signal);
        if (answer.statusCode === 412) throw remoteChanged(this.#options.uri, path, 'its ETag moved');
        if (answer.statusCode !== (done === 0 ? 200 : 206)) await this.text(answer, signal);
        let window = { sinceMs: this.#options.clock.monotonicMs(), bytes: 0 };
        for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
          signal.throwIfAborted();
          done += piece.length;
          window.bytes += piece.length;
          const nowMs = this.#options.clock.monotonicMs();
          if (nowMs - window.sinceMs >= slowest.windowMs) {
            if (window.bytes < slowest.bytes) throw new MayPass(`it sends less than ${slowest.bytes} bytes a minute`);
            window = { sinceMs: nowMs, bytes: 0 };
          }
          if (done > bytes)
            throw remoteChanged(this.#options.uri, path, `more than the ${bytes} bytes that were listed`);
          yield piece;
        }
        if (done < bytes) throw new MayPass(`it ended after ${done} of ${bytes} bytes`);
      } catch (thrown) {
        signal.throwIfAborted();
        if (thrown instanceof PlimsollError) throw thrown;
        // Fewer bytes do not begin a new count, or a server that drips would be asked for ever.
        if (done - before >= Math.min(slowest.bytes, bytes / 100)) attempt = 0;
        await this.#pause(attempt, thrown, signal);
      }
    }
  }

  /** `body` is made anew for each attempt; `sha256` is of its bytes, and what the server holds it to. */
  async send(
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    sent: Sent = { method: 'GET' },
  ): Promise<Answer> {
    signal.throwIfAborted();
    const { env, uri } = this.#options;
    const [accessKeyId = '', secretAccessKey = ''] = [env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY']];
    if (accessKeyId === '' || secretAccessKey === '')
      throw remoteRefused(uri, 'no credentials are known', 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
    const session = env['AWS_SESSION_TOKEN'];
    const { method, body } = sent;
    const signed = await new AwsV4Signer({
      ...{ method, url: url.href, accessKeyId, secretAccessKey, service: 's3', region: regionOf(env) },
      headers: body === undefined ? headers : { ...headers, 'x-amz-content-sha256': body.sha256 },
      ...(session === undefined || session === '' ? {} : { sessionToken: session }),
    }).sign();
    const length = body === undefined ? {} : { 'content-length': String(body.bytes) };
    return request(signed.url, {
      ...{ dispatcher: this.#dispatcher, method, signal },
      headers: { ...Object.fromEntries(signed.headers), ...length },
      // undici takes iterables of bytes as bodies, which its types do not say.
      ...(body === undefined ? {} : { body: body.read() as unknown as string }),
    });
  }

  /** The address of an object. */
  urlOf(key: string): URL {
    return new URL(`${this.#base.href}/${key.split('/').map(encodeURIComponent).join('/')}`);
  }

  /** The body of a 200. @throws what the status says. */
  async text(answer: Answer, signal: AbortSignal): Promise<string> {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
      signal.throwIfAborted();
      if ((bytes += piece.length) > listBytesAtMost) throw remoteAnswer(this.#options.uri, 'an answer without an end');
      parts.push(piece);
    }
    const text = Buffer.concat(parts).toString('utf8');
    const { uri } = this.#options;
    const code = textIn(text, 'Code');
    if (answer.statusCode === 401 || answer.statusCode === 403)
      throw remoteRefused(
        uri,
        `it answers ${answer.statusCode} ${code}`,
        'check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION',
      );
    if (answer.statusCode === 429 || answer.statusCode >= 500)
      throw new MayPass(`it answers ${answer.statusCode} ${code}`);
    if (answer.statusCode === 404)
      throw code === 'NoSuchBucket' ? remoteBucketUnknown(uri) : remoteModelUnknown(uri, code);
    if (answer.statusCode !== 200) throw remoteAnswer(uri, `${answer.statusCode} ${code}`);
    return text;
  }

  async retrying<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await work();
      } catch (thrown) {
        signal.throwIfAborted();
        if (thrown instanceof PlimsollError) throw thrown;
        await this.#pause(attempt, thrown, signal);
      }
    }
  }

  async #pause(attempt: number, thrown: unknown, signal: AbortSignal): Promise<void> {
    const { code, message } = thrown as { readonly code?: string; readonly message?: string };
    if (attempt + 1 >= this.#times.attempts)
      throw remoteUnreachable(this.#options.uri, code ?? message ?? String(thrown), attempt + 1, thrown);
    await this.#options.clock.sleep(this.#times.firstBackoffMs * 2 ** attempt, signal);
  }
}

const regionOf = (env: S3Options['env']): string => env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
export const lastPart = (key: string): string => key.split('/').findLast((part) => part !== '') ?? '';
export const textIn = (xml: string, tag: string): string =>
  new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(xml)?.[1] ?? '';
const named = (xml: string, tag: string): string =>
  decodeURIComponent(unescaped(textIn(xml, tag)).replaceAll('+', ' '));
export const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
