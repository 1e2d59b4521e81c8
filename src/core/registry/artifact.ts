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

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Names of models and data: DNS labels, because they become parts of paths, addresses and names of Kubernetes objects. */
export function requireArtifactName(kind: 'model' | 'data', name: string): void {
  if (!label.test(name)) throw notALabel(`the name of a ${kind === 'model' ? 'model' : 'data version'}`, name);
}

/** An alias is a label that begins with a letter, so that it can never be taken for a version number. */
export function requireAlias(alias: string): void {
  if (label.test(alias) && /^[a-z]/.test(alias)) return;
  throw notALabel('an alias', alias, ', beginning with a letter');
}

function notALabel(what: string, given: string, more = ''): PlimsollError {
  const nearest = given
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '');
  return new PlimsollError({
    code: 'name-invalid',
    category: 'input',
    message: `\`${given.slice(0, 100)}\` cannot be ${what}: it is 1 to 63 lowercase letters, digits and dashes, with no dash at either end${more}`,
    next: label.test(nearest) && nearest !== given ? `use ${nearest}` : undefined,
    details: { given: given.slice(0, 100) },
  });
}
