import { artifactDigest } from '../registry/artifact.ts';
import type { ArtifactFile } from '../registry/model-version.ts';
import { shortDigest, type Digest } from '../units/digest.ts';
import { bundledFiles, bundleFileKey, bundleRoles, type Bundle, type BundleFile, type BundleRole } from './bundle.ts';
import { isModelPlace } from './model-place.ts';

export const bundleBounds = {
  /** Files inside, and files of the model: each list by itself. */
  files: 10_000,
  /** Of the files inside together; a file of several roles counts once. */
  insideBytes: 64 * 1024 * 1024,
  pathCharacters: 1_000,
} as const;

/** `least` and `most` files of the roles that are bounded, and the one path that two of them have. */
const roleRules: Readonly<Partial<Record<BundleRole, { readonly least: 0 | 1; readonly path?: string }>>> = {
  contract: { least: 1, path: 'plimsoll.yaml' },
  lock: { least: 1, path: 'plimsoll.lock' },
  golden: { least: 0 },
  reference: { least: 0 },
  prices: { least: 0 },
  pool: { least: 0 },
  signatures: { least: 0, path: 'plimsoll.lock.sigs' },
};

/** Every reason why a bundle cannot be released from, in words; none for a good one. */
export function bundleProblems(bundle: Bundle): readonly string[] {
  const { files, model } = bundle;
  return [
    ...listProblems('files', files),
    ...orderProblems('files', files, bundleFileKey),
    ...bundleRoles.flatMap((role) => roleProblems(bundle, role)),
    ...insideProblems(files),
    ...(model.files === null ? [] : modelProblems(model.files, model.digest)),
    ...(model.place === null || isModelPlace(model.place)
      ? []
      : [`model.place: ${shown(model.place)} begins with none of mlflow:, oci:, s3:`]),
  ];
}

function modelProblems(files: readonly ArtifactFile[], digest: Digest): readonly string[] {
  const empty =
    files.length === 0 ? ['model.files: a model has at least one file; write null where they are unknown'] : [];
  const ofList = [
    ...empty,
    ...listProblems('model.files', files),
    ...orderProblems('model.files', files, ({ path }) => path),
  ];
  if (ofList.length > 0) return ofList;
  const own = artifactDigest(files);
  return own === digest ? [] : [`model.files: they make ${shortDigest(own)}, and the model is ${shortDigest(digest)}`];
}

function listProblems(list: string, files: readonly ArtifactFile[]): readonly string[] {
  const { files: most } = bundleBounds;
  return [
    ...(files.length > most ? [`${list}: ${files.length} files of at most ${most}`] : []),
    ...files.flatMap(({ path, bytes }) => [
      ...pathProblems(path).map((problem) => `${list}: ${shown(path)} ${problem}`),
      ...(Number.isSafeInteger(bytes) && bytes >= 0 ? [] : [`${list}: ${shown(path)} has ${bytes} bytes`]),
    ]),
    ...nestedProblems(list, files),
  ];
}

/** What is wrong with a path that files are laid out by: relative, `/` between segments, never out of its folder. */
function pathProblems(path: string): readonly string[] {
  const segments = path.split('/');
  return [
    ...(path.length > bundleBounds.pathCharacters
      ? [`is ${path.length} characters long, of at most ${bundleBounds.pathCharacters}`]
      : []),
    ...(path.startsWith('/') || /^[A-Za-z]:/.test(path) ? ['is absolute'] : []),
    ...(segments.includes('..') ? ['leaves its folder by `..`'] : []),
    ...(segments.includes('.') ? ['has a segment `.`'] : []),
    ...(segments.includes('') ? ['has an empty segment'] : []),
    ...(path.includes('\\') ? ['has a backslash'] : []),
    ...(path.includes('\0') ? ['has a NUL'] : []),
    ...(path.isWellFormed() ? [] : ['is not Unicode text']),
  ];
}

/** With NUL, the smallest character, in the place of `/`, what is below a path stands right after it. */
function nestedProblems(list: string, files: readonly ArtifactFile[]): readonly string[] {
  const keys = [...new Set(files.map(({ path }) => path.replaceAll('/', '\0')))].sort();
  return keys.flatMap((key, index) =>
    keys[index + 1]?.startsWith(`${key}\0`) === true
      ? [`${list}: ${shown(key.replaceAll('\0', '/'))} is a file, and a folder of other files`]
      : [],
  );
}

function orderProblems<File extends ArtifactFile>(
  list: string,
  files: readonly File[],
  keyOf: (file: File) => string,
): readonly string[] {
  return files.slice(1).flatMap((file, index) => {
    const [before, now] = [keyOf(files[index] ?? file), keyOf(file)];
    if (before < now) return [];
    return [`${list}: ${shown(file.path)} ${before === now ? 'stands there twice' : 'is not in the order of paths'}`];
  });
}

function roleProblems(bundle: Bundle, role: BundleRole): readonly string[] {
  const rule = roleRules[role];
  if (rule === undefined) return [];
  const found = bundledFiles(bundle, role);
  const misplaced = found.filter(({ path }) => rule.path !== undefined && path !== rule.path);
  return [
    ...(found.length < rule.least ? [`files: no ${role}`] : []),
    ...(found.length > 1 ? [`files: ${found.length} files of the role ${role}, of at most 1`] : []),
    ...misplaced.map(({ path }) => `files: the ${role} is ${rule.path ?? ''}, not ${shown(path)}`),
  ];
}

/** A path of several roles is one file, so that its entries agree. */
function insideProblems(files: readonly BundleFile[]): readonly string[] {
  const byPath = new Map<string, BundleFile>();
  const problems: string[] = [];
  for (const file of files) {
    const first = byPath.get(file.path) ?? file;
    byPath.set(file.path, first);
    if (first.digest !== file.digest || first.bytes !== file.bytes)
      problems.push(`files: ${shown(file.path)} is another file as ${file.role} than as ${first.role}`);
  }
  const bytes = [...byPath.values()].reduce((sum, file) => sum + Math.max(0, file.bytes), 0);
  const { insideBytes } = bundleBounds;
  return bytes > insideBytes ? [...problems, `files: ${bytes} bytes inside, of at most ${insideBytes}`] : problems;
}

const shown = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text);
