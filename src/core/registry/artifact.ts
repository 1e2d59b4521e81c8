import { digestOf, type Digest } from '../units/digest.ts';
import { PlimsollError } from '../units/errors.ts';
import type { ArtifactFile } from './model-version.ts';

/**
 * Digest of a whole version: of the canonical JSON of its files as `[path, digest]`, sorted by path. So it does not depend
 * on the order in which files were found, and a file under another name is another version.
 */
export function artifactDigest(files: readonly Pick<ArtifactFile, 'path' | 'digest'>[]): Digest {
  return digestOf(
    files.map(({ path, digest }) => [path, digest] as const).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  );
}

/** Of models and data, as the field names them: `Llama-3.1-8B`, `digits-train`. One path segment in protocols and URLs. */
export const artifactNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
/** Begins with a letter, so that it can never be taken for a version number. */
export const aliasPattern = /^[A-Za-z][A-Za-z0-9-]{0,62}$/;

export function requireArtifactName(kind: 'model' | 'data', name: string): void {
  if (artifactNamePattern.test(name)) return;
  const what = `the name of a ${kind === 'model' ? 'model' : 'data version'}`;
  throw badName(what, name, '1 to 128 letters, digits, dots, dashes and underscores, beginning with a letter or digit');
}

export function requireAlias(alias: string): void {
  if (!aliasPattern.test(alias)) {
    throw badName('an alias', alias, '1 to 63 letters, digits and dashes, beginning with a letter');
  }
}

function badName(what: string, given: string, form: string): PlimsollError {
  const nearest = given
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '');
  return new PlimsollError({
    code: 'name-invalid',
    category: 'input',
    message: `\`${given.slice(0, 100)}\` cannot be ${what}: it is ${form}`,
    next: aliasPattern.test(nearest) && nearest !== given ? `use ${nearest}` : 'give another name',
    details: { given: given.slice(0, 100) },
  });
}
