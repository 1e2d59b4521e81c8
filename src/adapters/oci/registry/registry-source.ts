import type { Dispatcher } from 'undici';
import { isDigest, type Digest } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import { gather, verifyBytes } from '../bounded-bytes.ts';
import { chooseManifest } from '../choose-manifest.ts';
import { findCredentials } from './docker-credentials.ts';
import { damaged, imageError } from '../image-errors.ts';
import type { ImageSource } from '../image-source.ts';
import { acceptedManifests, manifestBytesAtMost, type Descriptor } from '../manifest.ts';
import type { ImageReference } from './reference.ts';
import { RegistryAccess } from './registry-access.ts';
import {
  discard,
  headerOf,
  isLoopback,
  makeDispatcher,
  RetryLater,
  send,
  unreachable,
  waitMs,
  withRetries,
  wordsOf,
  type Answer,
  type RegistryTimes,
} from './registry-http.ts';

const redirectsAtMost = 5;
/** Slower than this for a whole minute is as good as hanging. */
const slowest = { bytes: 64 * 1024, windowMs: 60_000 };

export interface RegistryOptions {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly plainHttp: boolean;
  readonly times: RegistryTimes;
}

type RegistryReference = Extract<ImageReference, { readonly kind: 'registry' }>;

/** Reads images by the OCI distribution specification 1.1. */
export function makeRegistrySource(reference: RegistryReference, options: RegistryOptions): ImageSource {
  const client = new RegistryClient(reference, options);
  const { registry, repository, tag, digest } = reference;
  const name = `${registry}/${repository}`;
  return {
    choose: async (platform, signal) => {
      const named = digest ?? tag ?? 'latest';
      const shown = `${name}${isDigest(named) ? '@' : ':'}${named}`;
      const root = await client.manifest(named, shown, signal);
      const chosen = await chooseManifest(root, platform, shown, (each) => client.manifest(each.digest, shown, signal));
      const { config, layers } = chosen.manifest;
      return { digest: chosen.digest, reference: `${name}@${chosen.digest}`, config, layers };
    },
    blob: (descriptor, signal) => client.blob(descriptor, signal),
    close: () => client.close(),
  };
}

export class RegistryClient {
  readonly #reference: RegistryReference;
  readonly #options: RegistryOptions;
  readonly #base: URL;
  readonly #dispatcher: Dispatcher;
  readonly #access: RegistryAccess;

  constructor(reference: RegistryReference, options: RegistryOptions) {
    const { registry, repository } = reference;
    this.#reference = reference;
    this.#options = options;
    const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
    const hostname = new URL(`http://${host}`).hostname;
    this.#base = new URL(`${options.plainHttp || isLoopback(hostname) ? 'http' : 'https'}://${host}/v2/${repository}/`);
    this.#dispatcher = makeDispatcher(this.#base, options.times);
    this.#access = new RegistryAccess({
      registry,
      repository,
      base: this.#base,
      dispatcher: this.#dispatcher,
      idleMs: options.times.idleMs,
      plainHttp: options.plainHttp,
      credentials: (signal) => findCredentials(registry, options.env, signal),
    });
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }

  /** @throws PlimsollError as the port says; what comes back is what its digest says, where it was asked for by digest. */
  async manifest(named: string, shown: string, signal: AbortSignal): Promise<Uint8Array> {
    const { clock, times } = this.#options;
    const bytes = await withRetries(this.#reference.registry, { clock, times, signal }, async () => {
      const answer = await this.#get(`manifests/${named}`, { accept: acceptedManifests }, signal);
      if (answer.statusCode !== 200) return this.#refuse(answer, shown);
      const whole = await this.#readWhole(answer, `the manifest of ${shown}`);
      const stated = headerOf(answer, 'docker-content-digest');
      if (!isDigest(named) && stated !== undefined && isDigest(stated))
        verifyBytes(whole, stated, `the manifest of ${shown}`);
      return whole;
    });
    if (isDigest(named)) verifyBytes(bytes, named, `the manifest of ${shown}`);
    return bytes;
  }

  async #readWhole(answer: Answer, what: string): Promise<Uint8Array> {
    try {
      return await gather(answer.body, manifestBytesAtMost, what);
    } catch (thrown) {
      throw this.#mayPass(thrown);
    }
  }

  /** Goes on where a connection was cut: by a range where the registry has them, else by reading past what is known. */
  async *blob({ digest, size }: Pick<Descriptor, 'digest' | 'size'>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { clock, times } = this.#options;
    let done = 0;
    for (let attempt = 0; done < size || attempt === 0; attempt += 1) {
      const before = done;
      try {
        for await (const piece of this.#blobFrom(digest, done, size, signal)) {
          done += piece.length;
          yield piece;
        }
        if (done >= size) return;
        throw new RetryLater('it cut the connection');
      } catch (thrown) {
        signal.throwIfAborted();
        if (!(thrown instanceof RetryLater)) throw thrown;
        // An attempt that brought enough begins a new count: a long download may be cut more often than that. Fewer bytes do
        // not, or a server that drips would be asked for ever.
        if (done - before >= Math.min(slowest.bytes, size / 100)) attempt = 0;
        const pauseMs = waitMs(attempt, times, thrown.retryAfter, clock.nowMs());
        if (attempt + 1 >= times.attempts || pauseMs === null) {
          throw unreachable(this.#reference.registry, thrown, attempt + 1);
        }
        await clock.sleep(pauseMs, signal);
      }
    }
  }

  async *#blobFrom(digest: Digest, offset: number, size: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const range = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const answer = await this.#get(`blobs/${digest}`, { accept: 'application/octet-stream, */*', ...range }, signal);
    if (answer.statusCode !== 200 && answer.statusCode !== 206) return this.#refuse(answer, `the blob ${digest}`);
    let toSkip = answer.statusCode === 206 ? 0 : offset;
    if (answer.statusCode === 206 && !startsAt(headerOf(answer, 'content-range'), offset)) {
      await discard(answer);
      throw damaged(`${this.#reference.registry} answers with a range of ${digest} that was not asked for`);
    }
    let left = size - offset;
    const watch = this.#watchSpeed();
    try {
      for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
        watch(piece.length);
        const skipped = Math.min(toSkip, piece.length);
        toSkip -= skipped;
        left -= piece.length - skipped;
        if (left < 0) throw damaged(`the blob ${digest} has more bytes than the ${size} that its manifest states`);
        if (skipped < piece.length) yield piece.subarray(skipped);
      }
    } catch (thrown) {
      throw this.#mayPass(thrown);
    }
  }

  #watchSpeed(): (bytes: number) => void {
    const { clock } = this.#options;
    let window = { sinceMs: clock.monotonicMs(), bytes: 0 };
    return (bytes) => {
      window.bytes += bytes;
      const nowMs = clock.monotonicMs();
      if (nowMs - window.sinceMs < slowest.windowMs) return;
      if (window.bytes < slowest.bytes) throw new RetryLater(`it sends less than ${slowest.bytes} bytes a minute`);
      window = { sinceMs: nowMs, bytes: 0 };
    };
  }

  /** One answer that is neither a redirect nor a first 401. @throws RetryLater for what may pass. */
  async #get(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
    const url = new URL(path, this.#base);
    const first = await this.#follow(url, headers, signal);
    if (first.answer.statusCode !== 401) return this.#checkPassing(first.answer);
    await this.#access.answer(first.answer, first.from, signal);
    return this.#checkPassing((await this.#follow(url, headers, signal)).answer);
  }

  /**
   * The registry's credentials stay with the registry: blobs often lie elsewhere. They are not taken up again by a redirect
   * back to it, whose address another server chose.
   */
  async #follow(
    start: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<{ readonly answer: Answer; readonly from: URL }> {
    let url = start;
    let stranger: URL | null = null;
    for (let followed = 0; followed <= redirectsAtMost; followed += 1) {
      const own = stranger === null ? this.#access.headersFor(url) : {};
      const answer = await this.#send(url, { ...headers, ...own }, signal);
      const location = headerOf(answer, 'location');
      if (answer.statusCode < 300 || answer.statusCode >= 400 || location === undefined)
        return { answer, from: stranger ?? url };
      await discard(answer);
      url = this.#redirect(location, url);
      if (!this.#access.isOwn(url)) stranger = url;
    }
    throw this.#access.atFault(`it redirects more than ${redirectsAtMost} times`);
  }

  #redirect(location: string, from: URL): URL {
    const url = URL.canParse(location, from.href) ? new URL(location, from.href) : null;
    const isAllowed =
      url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && from.protocol === 'http:'));
    if (!isAllowed) throw this.#access.atFault(`it redirects to \`${location.slice(0, 200)}\``);
    return url;
  }

  async #send(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
    try {
      return await send(url, { dispatcher: this.#dispatcher, headers, signal });
    } catch (thrown) {
      throw this.#mayPass(thrown);
    }
  }

  async #checkPassing(answer: Answer): Promise<Answer> {
    if (answer.statusCode !== 429 && answer.statusCode !== 408 && answer.statusCode < 500) return answer;
    await discard(answer);
    throw new RetryLater(`it answers ${answer.statusCode}`, headerOf(answer, 'retry-after'));
  }

  async #refuse(answer: Answer, what: string): Promise<never> {
    await discard(answer);
    const { registry } = this.#reference;
    if (answer.statusCode === 404) {
      throw imageError(
        'image-not-found',
        `${registry} has no ${what}`,
        'check the name and the tag, and that it was pushed',
      );
    }
    throw this.#access.refused(`it answers ${answer.statusCode} for ${what}`);
  }

  /** What the connection threw may pass; what is ours says what it says. */
  #mayPass(thrown: unknown): unknown {
    if (thrown instanceof PlimsollError || thrown instanceof RetryLater) return thrown;
    return new RetryLater(wordsOf(thrown, this.#options.times.idleMs), undefined, thrown);
  }
}

const startsAt = (range: string | undefined, offset: number): boolean =>
  range === undefined || range.startsWith(`bytes ${offset}-`);
