import type { ModelVersion } from '../../core/registry/model-version.ts';
import { shortDigest, type Digest } from '../../core/units/digest.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { byteProgress } from '../../prove/progress.ts';
import { resolveModel, splitReference } from '../../prove/artifacts/registry-reference.ts';

/** A blob of this size takes about a second to read: it is announced, since its reading says nothing. */
const largeBytes = 256 * 1024 * 1024;

export interface VerifiedFile {
  readonly model: string;
  readonly version: number;
  readonly path: string;
  readonly digest: Digest;
  readonly bytes: number;
  readonly state: 'sound' | 'corrupt' | 'missing';
  /** What the bytes digest to; null when there are none to read. */
  readonly actual: Digest | null;
}

/** Reads every blob of the models again and compares; each blob once, however many versions share it. */
export async function runModelVerify(context: CliContext, { args }: CommandInput): Promise<CommandResult> {
  const environment = await context.environment();
  const versions = await versionsToVerify(context, environment, args[0]);
  const files = await verifyFiles(context, versions);
  const bad = files.filter(({ state }) => state !== 'sound');
  const json = { environment, versions: versions.length, files, sound: bad.length === 0 };
  if (versions.length === 0) {
    return { exit: 3, json, text: `no models in ${environment} to verify\nnext: plimsoll model add FILE --name NAME` };
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const heading = `${files.length} files of ${versions.length} versions read again, ${formatBytes(bytes)}: ${bad.length === 0 ? 'all sound' : `${bad.length} not sound`}`;
  return { exit: bad.length === 0 ? 0 : 1, json, text: [heading, ...bad.flatMap(badLines)].join('\n') };
}

async function versionsToVerify(
  context: CliContext,
  environment: string,
  reference: string | undefined,
): Promise<readonly ModelVersion[]> {
  const store = await context.store();
  if (reference !== undefined) {
    const version = await resolveModel(store, environment, reference);
    return splitReference(reference).which === null ? store.modelVersions(environment, version.name) : [version];
  }
  const names = await store.modelNames(environment);
  return (await Promise.all(names.map((name) => store.modelVersions(environment, name)))).flat();
}

async function verifyFiles(context: CliContext, versions: readonly ModelVersion[]): Promise<readonly VerifiedFile[]> {
  const blobs = await context.blobs();
  const listed = versions.flatMap((version) => version.files.map((file) => ({ version, file })));
  const sizes = new Map(listed.map(({ file }) => [file.digest, file.bytes]));
  const progress = byteProgress(
    context,
    'reading',
    [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
  );
  const found = new Map<Digest, Pick<VerifiedFile, 'state' | 'actual'>>();
  let doneBytes = 0;
  for (const [digest, bytes] of sizes) {
    if (bytes > largeBytes) context.terminal.note(`reading ${shortDigest(digest)}, ${formatBytes(bytes)}`);
    const result = await blobs.verify(digest, context.signal);
    found.set(digest, result.ok ? { state: 'sound', actual: digest } : { state: result.reason, actual: result.actual });
    progress((doneBytes += bytes));
  }
  return listed.map(({ version, file }) => ({
    model: version.name,
    version: version.version,
    path: file.path,
    digest: file.digest,
    bytes: file.bytes,
    ...(found.get(file.digest) ?? { state: 'missing' as const, actual: null }),
  }));
}

function badLines({ model, version, path, digest, state, actual }: VerifiedFile): readonly string[] {
  return [
    `${model} version ${version}, ${path}: ${state}`,
    `  recorded  ${digest}`,
    `  found     ${actual ?? (state === 'missing' ? 'no blob' : 'unreadable')}`,
    `  next      add the original file again: plimsoll model add FILE --name ${model}`,
  ];
}
