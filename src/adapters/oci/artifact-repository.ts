import { request, type Dispatcher } from 'undici';
import {
  remoteAnswer,
  remoteModelUnknown,
  remoteRefused,
  remoteUnreachable,
  remoteVersionUnknown,
} from '../../core/registry/remote-errors.ts';
import { digestOfBytes, isDigest, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ArtifactRepository } from '../../ports/artifacts/artifact-repository.ts';
import type { Descriptor, PackedJson } from '../../schemas/artifact/model-pack.ts';
import { evidenceType, indexType, packIndex, readIndex, unpackModel } from '../../schemas/artifact/model-pack.ts';
import { gather } from './bounded-bytes.ts';
import { findCredentials } from './registry/docker-credentials.ts';
import { manifestBytesAtMost } from './manifest.ts';
import { nextPage } from './registry/pages.ts';
import { parseImageReference } from './registry/reference.ts';
import { RegistryAccess } from './registry/registry-access.ts';
import {
  discard,
  headerOf,
  isLoopback,
  makeDispatcher,
  RetryLater,
  Unanswered,
  withRetries,
  wordsOf,
  type Answer,
} from './registry/registry-http.ts';
import { RegistryClient, type RegistryOptions } from './registry/registry-source.ts';
import { makeReferrersReader } from './registry/referrers.ts';
import type { RepositoryReader } from './signatures/read-signatures.ts';

/** Larger blobs go in pieces, so that a cut costs one of them. */
const chunkBytes = 64 * 1024 * 1024;
/** Of at least a hundred tags each. */
const tagPagesAtMost = 1_000;

/** One repository by the OCI distribution specification 1.1: what a model or its evidence is pushed to and pulled from. */
export function makeArtifactRepository(
  name: string,
  options: RegistryOptions,
): ArtifactRepository & { readonly reader: RepositoryReader } {
  const parsed = parseImageReference(`docker://${name}`);
  if (parsed.kind !== 'registry') throw new TypeError('docker:// is always a registry');
  const { registry, repository } = parsed;
  const location = `oci://${name}`;
  const client = new RegistryClient(parsed, options);
  const { clock, times } = options;
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  const isPlain = options.plainHttp || isLoopback(new URL(`http://${host}`).hostname);
  const base = new URL(`${isPlain ? 'http' : 'https'}://${host}/v2/${repository}/`);
  const dispatcher = makeDispatcher(base, times);
  const access = new RegistryAccess({
    registry,
    repository,
    base,
    dispatcher,
    idleMs: times.idleMs,
    plainHttp: options.plainHttp,
    credentials: (signal) => findCredentials(registry, options.env, signal),
  });

  type Body = string | AsyncIterable<Uint8Array> | null;
  /** `body` makes it anew for each attempt. */
  const send = async (
    method: Dispatcher.HttpMethod,
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: () => Body,
    signal: AbortSignal,
  ): Promise<Answer> => {
    const once = async (): Promise<Answer> => {
      signal.throwIfAborted();
      try {
        const all = { ...headers, ...access.headersFor(url) };
        // undici takes iterables of bytes as bodies, which its types do not say.
        const options = { dispatcher, method, headers: all, signal, body: body() as string | null };
        return (await request(url, options)) as Answer;
      } catch (thrown) {
        if (thrown instanceof PlimsollError) throw thrown;
        throw new RetryLater(wordsOf(thrown, times.idleMs), undefined, thrown);
      }
    };
    let answer = await once();
    if (answer.statusCode === 401) {
      await access.answer(answer, url, signal);
      answer = await once();
    }
    if (answer.statusCode !== 429 && answer.statusCode !== 408 && answer.statusCode < 500) return answer;
    await discard(answer);
    throw new RetryLater(`it answers ${answer.statusCode}`, headerOf(answer, 'retry-after'));
  };

  const trying = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    try {
      return await withRetries(registry, { clock, times, signal }, work);
    } catch (thrown) {
      throw inWordsOfThePort(thrown);
    }
  };

  const inWordsOfThePort = (thrown: unknown): unknown => {
    if (!(thrown instanceof PlimsollError)) return thrown;
    const { cause } = thrown;
    if (thrown.code === 'registry-unreachable')
      return cause instanceof Unanswered
        ? remoteUnreachable(location, cause.message, cause.attempts, thrown)
        : remoteUnreachable(location, thrown.message, 1, thrown);
    if (thrown.code === 'registry-refused' || thrown.code === 'registry-credentials')
      return remoteRefused(location, thrown.message, thrown.next ?? 'docker login');
    return thrown;
  };

  const readAll = async (answer: Answer): Promise<Uint8Array> => {
    try {
      return await gather(answer.body, manifestBytesAtMost, `an answer of ${registry}`);
    } catch (thrown) {
      if (thrown instanceof PlimsollError) throw thrown;
      throw new RetryLater(wordsOf(thrown, times.idleMs), undefined, thrown);
    }
  };

  const refused = async (answer: Answer, what: string): Promise<never> => {
    const words = Buffer.from(await readAll(answer))
      .toString('utf8')
      .slice(0, 200);
    if (answer.statusCode === 401 || answer.statusCode === 403)
      throw remoteRefused(location, `it answers ${answer.statusCode} for ${what}`, `docker login ${registry}`);
    throw remoteAnswer(location, `${answer.statusCode} for ${what}: ${words}`);
  };

  const manifestBytes = async (named: string, signal: AbortSignal): Promise<Uint8Array> => {
    try {
      return await client.manifest(named, `${repository}:${named}`, signal);
    } catch (thrown) {
      if (thrown instanceof PlimsollError && thrown.code === 'image-not-found')
        throw remoteVersionUnknown(location, repository, named);
      throw inWordsOfThePort(thrown);
    }
  };

  const put = async (named: string, { text, descriptor }: PackedJson, signal: AbortSignal) => {
    const answer = await send(
      'PUT',
      new URL(`manifests/${named}`, base),
      { 'content-type': descriptor.mediaType },
      () => text,
      signal,
    );
    if (answer.statusCode !== 201) return refused(answer, `the manifest ${named}`);
    await discard(answer);
    return headerOf(answer, 'oci-subject') !== undefined;
  };

  const has = async (digest: Digest, signal: AbortSignal): Promise<boolean> => {
    const answer = await send('HEAD', new URL(`blobs/${digest}`, base), {}, () => null, signal);
    await discard(answer);
    return answer.statusCode === 200;
  };

  /** POST, then one PUT; what is larger goes by PATCH: distribution specification, "Pushing blobs". */
  const upload = async (
    digest: Digest,
    bytes: number,
    read: (from: number, length: number) => AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void> => {
    if (await has(digest, signal)) return;
    const started = await send('POST', new URL('blobs/uploads/', base), {}, () => null, signal);
    if (started.statusCode !== 202) return refused(started, 'an upload');
    let at = nextPlace(started);
    await discard(started);
    let done = 0;
    while (bytes - done > chunkBytes) {
      const from = done;
      const headers = {
        'content-type': 'application/octet-stream',
        'content-range': `${from}-${from + chunkBytes - 1}`,
        'content-length': String(chunkBytes),
      };
      const answer = await send('PATCH', at, headers, () => read(from, chunkBytes), signal);
      if (answer.statusCode !== 202) return refused(answer, `a piece of ${digest}`);
      at = nextPlace(answer);
      await discard(answer);
      done += chunkBytes;
    }
    const last = new URL(at);
    last.searchParams.set('digest', digest);
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(bytes - done) };
    const from = done;
    const answer = await send('PUT', last, headers, () => (bytes === from ? '' : read(from, bytes - from)), signal);
    if (answer.statusCode !== 201) return refused(answer, `the blob ${digest}`);
    await discard(answer);
  };

  const nextPlace = (answer: Answer): URL => {
    const text = headerOf(answer, 'location') ?? '';
    const url = URL.canParse(text, base.href) ? new URL(text, base) : null;
    if (url === null || (url.protocol !== 'https:' && base.protocol === 'https:'))
      throw remoteAnswer(location, `\`${text.slice(0, 200)}\` as the place of an upload`);
    return url;
  };

  /** Where a registry has no referrers API: the tag `sha256-HEX` holds the list. */
  const tagOf = (digest: Digest): string => digest.replace(':', '-');
  const listed = async (named: string, signal: AbortSignal): Promise<readonly Descriptor[]> => {
    try {
      return readIndex(JSON.parse(Buffer.from(await manifestBytes(named, signal)).toString('utf8')), location);
    } catch (thrown) {
      if (thrown instanceof PlimsollError && thrown.code === 'remote-version-unknown') return [];
      throw thrown;
    }
  };
  const allReferrers = makeReferrersReader({
    ...{ base, location },
    get: (url, signal) =>
      trying(signal, async () => {
        const answer = await send('GET', url, { accept: indexType }, () => null, signal);
        const bytes = await readAll(answer);
        return answer.statusCode === 200 ? { bytes, link: headerOf(answer, 'link') } : null;
      }),
    listed: (digest, signal) => listed(tagOf(digest), signal),
  });
  const referrers = async (digest: Digest, signal: AbortSignal): Promise<readonly Descriptor[]> =>
    (await allReferrers(digest, signal)).filter(
      ({ artifactType }) => artifactType === undefined || artifactType === evidenceType,
    );
  const jsonOf = (bytes: Uint8Array): unknown => {
    try {
      return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
    } catch (cause) {
      throw remoteAnswer(location, 'something that is no JSON', cause);
    }
  };

  const blob = async function* (file: { readonly digest: Digest; readonly size: number }, signal: AbortSignal) {
    try {
      yield* client.blob(file, signal);
    } catch (thrown) {
      throw inWordsOfThePort(thrown);
    }
  };

  const requireOwnName = (asked: string): void => {
    if (asked !== name) throw remoteModelUnknown(location, asked);
  };

  return {
    location,
    reader: { location, manifest: manifestBytes, blob, referrers: allReferrers },
    async names(signal) {
      signal.throwIfAborted();
      return Promise.resolve([name]);
    },
    async versions(asked, signal) {
      requireOwnName(asked);
      const named: string[] = [];
      for (let at: URL | null = new URL('tags/list', base), page = 0; at !== null; page += 1) {
        if (page === tagPagesAtMost) throw remoteAnswer(location, `more than ${tagPagesAtMost} pages of tags`);
        const url: URL = at;
        const { bytes, link } = await trying(signal, async () => {
          const answer = await send('GET', url, {}, () => null, signal);
          if (answer.statusCode === 404) throw remoteModelUnknown(location, name);
          const read = answer.statusCode === 200 ? await readAll(answer) : await refused(answer, 'its tags');
          return { bytes: read, link: headerOf(answer, 'link') };
        });
        const { tags } = jsonOf(bytes) as { readonly tags?: unknown };
        named.push(...(Array.isArray(tags) ? tags : []).filter((tag): tag is string => typeof tag === 'string'));
        at = nextPage(link, url, { base, location, what: 'tags' });
      }
      return named
        .sort()
        .filter((tag) => !/^sha256-[0-9a-f]{64}(?:\.(?:sig|att|sbom))?$/.test(tag))
        .map((version) => ({ version, digest: null, state: 'ready' as const, createdAtMs: null, note: null }));
    },
    async aliases(asked, signal) {
      requireOwnName(asked);
      signal.throwIfAborted();
      return Promise.resolve({});
    },
    async files(asked, version, signal) {
      requireOwnName(asked);
      const manifest = await manifestBytes(version, signal);
      const { files, annotations } = unpackModel(jsonOf(manifest), `${location}:${version}`);
      const read = ({ path }: { readonly path: string }, reading: AbortSignal): AsyncIterable<Uint8Array> => {
        const file = files.find((each) => each.path === path);
        if (file === undefined) throw remoteVersionUnknown(location, name, path);
        return blob({ digest: file.digest, size: file.bytes }, reading);
      };
      return { files, manifest: { digest: digestOfBytes(manifest), annotations }, read };
    },
    async push(pack, read, tag, signal) {
      for (const { digest, bytes } of pack.files)
        await trying(signal, () => upload(digest, bytes, (from, length) => read(digest, from, length), signal));
      const { text, descriptor } = pack.config;
      await trying(signal, () => upload(descriptor.digest, descriptor.size, () => pieces(text), signal));
      await trying(signal, () => put(tag ?? pack.manifest.descriptor.digest, pack.manifest, signal));
    },
    async attach(subject, evidence, signal) {
      for (const part of [evidence.config, evidence.blob])
        await trying(signal, () =>
          upload(part.descriptor.digest, part.descriptor.size, () => pieces(part.text), signal),
        );
      const { descriptor } = evidence.manifest;
      if (await trying(signal, () => put(descriptor.digest, evidence.manifest, signal))) return;
      // Two who attach at once may undo one another's entry here, which the specification knows: look again, and say so.
      for (let attempt = 0; attempt < times.attempts; attempt += 1) {
        const present = await listed(tagOf(subject), signal);
        if (present.some(({ digest }) => digest === descriptor.digest)) return;
        await trying(signal, () => put(tagOf(subject), packIndex([...present, descriptor]), signal));
      }
      if (!(await listed(tagOf(subject), signal)).some(({ digest }) => digest === descriptor.digest))
        throw remoteUnreachable(location, 'others write the list of referrers all the time', times.attempts);
    },
    async manifestOf(version, signal) {
      const bytes = await manifestBytes(version, signal);
      return {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: isDigest(version) ? version : digestOfBytes(bytes),
        size: bytes.length,
      };
    },
    async evidence(subject, signal) {
      const records: unknown[] = [];
      for (const { digest } of (await referrers(subject, signal)).slice(0, 1_000)) {
        const json = jsonOf(await manifestBytes(digest, signal)) as {
          readonly artifactType?: string;
          readonly layers?: readonly { readonly digest: Digest; readonly size: number }[];
        };
        const [layer] = json.layers ?? [];
        if (json.artifactType !== evidenceType || layer === undefined || !isDigest(layer.digest)) continue;
        const bytes = await gather(blob(layer, signal), manifestBytesAtMost, 'a piece of evidence');
        if (digestOfBytes(bytes) !== layer.digest) throw remoteAnswer(location, 'evidence that is not its digest');
        records.push(jsonOf(bytes));
      }
      return records;
    },
    async close() {
      await client.close();
      await dispatcher.destroy();
    },
  };
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}
