import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { ArtifactFile } from '../../core/registry/model-version.ts';
import { remoteVersionUnknown } from '../../core/registry/remote-errors.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { ModelRegistry, RemoteFile, RemoteFiles } from '../../ports/artifacts/model-registry.ts';
import type { FolderFile } from '../files/folder-files.ts';
import { chooseMain, type GatheredModel } from './model-files.ts';
import { byteProgress } from '../progress.ts';
import type { RemoteReference } from './remote-reference.ts';
import type { ProvingPorts } from '../ports.ts';

export interface FetchedVersion {
  readonly gathered: GatheredModel;
  readonly stored: readonly ArtifactFile[];
  /** Where exactly it came from, an alias or a tag resolved: `mlflow://127.0.0.1:5000/digits/3`. */
  readonly source: string;
}

/** Fetches the files of a model that lies elsewhere, hashing them on the way: what is pinned is what was read. */
export async function fetchRemote(
  context: Pick<ProvingPorts, 'blobs' | 'clock' | 'modelRegistry' | 'remotePlace' | 'signal' | 'terminal'>,
  given: string,
  reference: RemoteReference,
): Promise<FetchedVersion> {
  if (reference.kind === 's3') {
    const place = await context.remotePlace(reference.location);
    return { ...(await fetchFiles(context, given, place)), source: reference.location };
  }
  const registry = await context.modelRegistry(reference);
  try {
    const { files, source } = await openVersion(registry, given, reference, context.signal);
    return { ...(await fetchFiles(context, given, files)), source };
  } finally {
    await registry.close();
  }
}

/**
 * Lists the files of a model in a registry.
 * @param given as somebody named it, for messages.
 * @throws PlimsollError as `ModelRegistry`, `artifact-of-another-kind` (input) for data.
 */
export async function openVersion(
  registry: ModelRegistry,
  given: string,
  reference: Exclude<RemoteReference, { kind: 's3' }>,
  signal: AbortSignal,
): Promise<{ readonly files: RemoteFiles; readonly source: string }> {
  const version = await chosenVersion(registry, reference, signal);
  const files = await registry.files(reference.name, version, signal);
  if (files.manifest?.annotations['dev.plimsoll.kind'] === 'data') throw isData(given);
  const source =
    files.manifest === undefined
      ? `${reference.location}/${reference.name}/${version}`
      : `${reference.location}@${files.manifest.digest}`;
  return { files, source };
}

/** An alias is resolved once: that it moves while files are read mixes nothing. */
async function chosenVersion(
  registry: ModelRegistry,
  reference: Exclude<RemoteReference, { kind: 's3' }>,
  signal: AbortSignal,
): Promise<string> {
  if (reference.version !== null) return reference.version;
  const { name, alias } = reference as Extract<RemoteReference, { kind: 'mlflow' }>;
  if (alias !== null) {
    const aliases = await registry.aliases(name, signal);
    const found = Object.hasOwn(aliases, alias) ? aliases[alias] : undefined;
    if (found === undefined) throw remoteVersionUnknown(registry.location, name, `@${alias}`);
    return found;
  }
  const newest = (await registry.versions(name, signal)).findLast(({ state }) => state === 'ready');
  if (newest === undefined) throw remoteVersionUnknown(registry.location, name, 'newest that is ready');
  return newest.version;
}

async function fetchFiles(
  context: Pick<ProvingPorts, 'blobs' | 'clock' | 'signal' | 'terminal'>,
  given: string,
  place: RemoteFiles,
): Promise<Pick<FetchedVersion, 'gathered' | 'stored'>> {
  // Before a long download rather than after it.
  const { format } = chooseMain(
    place.files.map(({ path }) => ({ path, location: '', shown: path })),
    given,
  );
  const stored = await storeRemote(context, place);
  const blobs = await context.blobs();
  const local: FolderFile[] = [];
  for (const { path, digest } of stored)
    local.push({ path, location: await blobs.verifiedPath(digest, context.signal), shown: `${given}: ${path}` });
  return { gathered: { ...chooseMain(local, given), files: local, format, fromFolder: true }, stored };
}

/** Every file as a blob, with its progress on the terminal. @throws as `storeFiles`. */
export async function storeRemote(
  context: Pick<ProvingPorts, 'blobs' | 'clock' | 'signal' | 'terminal'>,
  place: RemoteFiles,
): Promise<readonly ArtifactFile[]> {
  const { signal } = context;
  return storeFiles(await context.blobs(), place, {
    signal,
    count: ({ path, bytes }, pieces) => counted(context, path, bytes, pieces),
  });
}

export interface StoringFiles {
  readonly signal: AbortSignal;
  /** Passes the bytes of a file on, and counts them. */
  count(file: RemoteFile, pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** Told of each file once it is stored. */
  stored?(file: ArtifactFile): void;
}

/** Every file as a blob, what is stored already left where it is. @throws PlimsollError `blob-mismatch` for other bytes than its digest. */
export async function storeFiles(
  blobs: Blobs,
  { files, read }: RemoteFiles,
  { signal, count, stored: tell }: StoringFiles,
): Promise<readonly ArtifactFile[]> {
  const stored: ArtifactFile[] = [];
  for (const file of files) {
    signal.throwIfAborted();
    const expected = file.digest === null ? {} : { expected: file.digest };
    const known = file.digest === null ? null : await blobs.stat(file.digest);
    const { digest, bytes } = known ?? (await blobs.put(count(file, read(file, signal)), { signal, ...expected }));
    stored.push({ path: file.path, digest, bytes });
    tell?.({ path: file.path, digest, bytes });
  }
  return stored;
}

function isData(given: string): PlimsollError {
  return new PlimsollError({
    code: 'artifact-of-another-kind',
    category: 'input',
    message: `${given.slice(0, 300)} is data, and no model`,
    next: nextStep(proveSteps, 'artifact-of-another-kind', { reference: given.slice(0, 300) }),
  });
}

async function* counted(
  context: Pick<ProvingPorts, 'clock' | 'terminal'>,
  path: string,
  bytes: number | null,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const progress = byteProgress(context, `fetching ${path}`, bytes ?? 0);
  let done = 0;
  for await (const piece of pieces) {
    if (bytes !== null) progress((done += piece.length));
    yield piece;
  }
}
