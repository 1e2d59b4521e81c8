import type { ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import type { VersionNumbers } from '../../../units/version.ts';
import { sameVersions, type SameVersion } from '../../tables/packages/same-versions.ts';
import { found, type Found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';
import { isOnlyProgram } from './only-program.ts';

/** Numbers at the beginning of a version, with that of a `.post1` where it counts: `0.6.8.post1+cu130` is 0.6.8.1. */
function numbersOf(text: string | null, posts: boolean): VersionNumbers | null {
  const match = /^(\d+(?:\.\d+)*)(?:\.post(\d+))?/.exec(text ?? '');
  return match === null ? null : versionOf(`${match[1]}${posts ? `.${match[2] ?? '0'}` : ''}`);
}

/** Whether a program imports the pair: one of the row, or the pair is the only one of the image. */
const isImported = ({ importedBy, only = [] }: SameVersion, image: ImageFacts): boolean =>
  importedBy === undefined ? isOnlyProgram(image, only) : distribution(image, importedBy) !== null;

function isBroken(row: SameVersion, image: ImageFacts): boolean {
  const own = numbersOf(distribution(image, [row.distribution]), row.posts);
  const other = numbersOf(distribution(image, [row.beside]), row.posts);
  const least = versionOf(row.from) ?? [];
  if (own === null || other === null || compareVersions(other, least) < 0) return false;
  if (row.unless !== undefined && image.env[row.unless.name] === row.unless.value) return false;
  const order = compareVersions(own, other);
  return (row.kind === 'same' ? order !== 0 : order > 0) && isImported(row, image);
}

/**
 * Distributions that compare their versions when they are imported.
 *
 * | versions | answer |
 * |---|---|
 * | as the row wants them, or the comparison is turned off, or nobody imports them | null |
 * | others | incompatible |
 */
export function sameVersionFinding(image: ImageFacts): Found | null {
  const row = sameVersions.find((one) => isBroken(one, image));
  if (row === undefined) return null;
  const own = distribution(image, [row.distribution]);
  const other = distribution(image, [row.beside]);
  const wanted = row.kind === 'same' ? `${row.distribution} ${other}` : `${row.distribution} ${other} or older`;
  return found({
    rule: 'same-version',
    compatibility: 'incompatible',
    message: `${row.happens} where ${row.distribution} is ${own} and ${row.beside} ${other}: it needs ${wanted}`,
    facts: { [row.distribution]: own, [row.beside]: other },
    source: row.source,
    fix: `${wanted}, or ${row.beside} of the version of ${row.distribution}`,
  });
}
