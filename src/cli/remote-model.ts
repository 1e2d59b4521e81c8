import type { ArtifactFile } from '../core/registry/model-version.ts';
import { remoteVersionUnknown } from '../core/registry/remote-errors.ts';
import type { ModelRegistry, RemoteFiles } from '../ports/model-registry.ts';
import type { CliContext } from './context.ts';
import { chooseMain, type GatheredModel, type ModelFile } from './model-files.ts';
import { byteProgress } from './progress.ts';
import type { RemoteReference } from './remote-reference.ts';

export interface FetchedVersion {
  readonly gathered: GatheredModel;
  readonly stored: readonly ArtifactFile[];
  /** Where exactly it came from, an alias resolved: `mlflow://127.0.0.1:5000/digits/3`. */
  readonly source: string;
}

/** Fetches the files of a model that lies elsewhere, hashing them on the way: what is pinned is what was read. */
export async function fetchRemote(
  context: CliContext,
  given: string,
  reference: RemoteReference,
): Promise<FetchedVersion> {
  if (reference.kind === 's3') {
    const place = await context.remotePlace(reference.location);
    return { ...(await fetchFiles(context, given, place)), source: reference.location };
  }
  const registry = await context.modelRegistry(reference);
  try {
    const version = await chosenVersion(registry, reference, context.signal);
    const files = await registry.files(reference.name, version, context.signal);
    const source =
      reference.kind === 'oci'
        ? `${reference.location}${version.includes(':') ? '@' : ':'}${version}`
        : `${reference.location}/${reference.name}/${version}`;
    return { ...(await fetchFiles(context, given, files)), source };
  } finally {
    await registry.close();
  }
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
  context: CliContext,
  given: string,
  { files, read }: RemoteFiles,
): Promise<Pick<FetchedVersion, 'gathered' | 'stored'>> {
  const blobs = await context.blobs();
  const stored: ArtifactFile[] = [];
  const local: ModelFile[] = [];
  // Before a long download rather than after it.
  const { format } = chooseMain(
    files.map(({ path }) => ({ path, location: '', shown: path })),
    given,
  );
  for (const file of files) {
    const known = file.digest !== null && file.bytes !== null && (await blobs.has(file.digest));
    const { digest, bytes } =
      known && file.digest !== null
        ? { digest: file.digest, bytes: file.bytes ?? 0 }
        : await blobs.put(counted(context, file.path, file.bytes, read(file, context.signal)), {
            signal: context.signal,
            ...(file.digest === null ? {} : { expected: file.digest }),
          });
    stored.push({ path: file.path, digest, bytes });
    local.push({
      path: file.path,
      location: await blobs.verifiedPath(digest, context.signal),
      shown: `${given}: ${file.path}`,
    });
  }
  return { gathered: { ...chooseMain(local, given), files: local, format, fromFolder: true }, stored };
}

async function* counted(
  context: CliContext,
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
