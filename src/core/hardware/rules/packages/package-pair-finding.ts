import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import type { VersionNumbers } from '../../../units/version.ts';
import { otherBuild, packagePairs, type PackagePair } from '../../tables/packages/package-pairs.ts';
import { transformersPairs } from '../../tables/packages/transformers-pairs.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';
import { isOnlyProgram, withoutLibraryEngines } from './only-program.ts';

/**
 * A version as a published wheel has it: `2.6.0`, `2.1.0rc0`, `0.6.4.post1`, `2.6.0+cu124`. Somebody's own build (`2.6.0a0+df5bbc0`, `0.9.2+4ef1e34`) was
 * compiled beside whatever lies there.
 */
const publishedVersion = /^\d+(?:\.\d+)*(?:rc\d+)?(?:\.post\d+)?(?:\+(?:cu\d+|cpu))?$/;

/** The numbers of a published wheel in the image; null where it is not there, or is no published wheel. */
export function publishedOf(image: ImageFacts, name: string): VersionNumbers | null {
  const text = distribution(image, [name]);
  return text !== null && publishedVersion.test(text) ? versionOf(text) : null;
}

const isWithin = (version: VersionNumbers, { least, most }: Pick<PackagePair, 'least' | 'most'>): boolean => {
  const low = versionOf(least) ?? [];
  const high = versionOf(most) ?? [];
  return compareVersions(version, low) >= 0 && compareVersions(version.slice(0, high.length), high) <= 0;
};

/**
 * Whether a program of the image imports it, and compares; null where that depends on what somebody turned on.
 */
function isImported({ importedBy, only, unless, perhaps, without }: PackagePair, image: ImageFacts): boolean | null {
  if (unless !== undefined && !/^(?:0|false|)$/i.test(image.env[unless] ?? '')) return false;
  if (without !== undefined && distribution(image, without) !== null) return false;
  const isCertain =
    importedBy === undefined ||
    distribution(image, importedBy) !== null ||
    (only !== undefined && isOnlyProgram(image, only));
  return isCertain ? true : perhaps !== undefined && isOnlyProgram(image, perhaps) ? null : false;
}

/** Whether the other is a build that the plain wheel does not load beside. One that names its CUDA was built for the other. */
const isOtherBuild = ({ distribution: name, beside, otherBuilds = [] }: PackagePair, image: ImageFacts): boolean =>
  otherBuilds.includes(distribution(image, [beside])?.split('+')[1] ?? '') &&
  distribution(image, [name])?.includes('+') === false;

interface BrokenPair {
  readonly row: PackagePair;
  readonly imported: true | null;
}

/** Whether the other is one of the versions that fail in the range. */
const isFailing = ({ fails }: PackagePair, version: VersionNumbers): boolean =>
  fails !== undefined && rowOf([{ from: fails[0], to: fails[1] }], version) !== null;

/** Whether the row speaks of the model, or of every one. */
const isOfModel = ({ models, methods }: PackagePair, model: ModelHardwareFacts | null): boolean =>
  (models === undefined || models.includes(model?.modelType ?? '')) &&
  (methods === undefined || methods.includes(model?.quantMethod ?? ''));

const pairs: readonly PackagePair[] = [...packagePairs, ...transformersPairs];

/** The row that two wheels of the image contradict, one that is imported for certain first; null where none does. */
function brokenPair(image: ImageFacts, model: ModelHardwareFacts | null): BrokenPair | null {
  const opening = withoutLibraryEngines(image);
  const all = pairs.flatMap((row): readonly BrokenPair[] => {
    // What the start of an engine imports is imported with it, and the file of a model by the engine that opens the model.
    const own = publishedOf(row.models === undefined ? image : opening, row.distribution);
    const other = publishedOf(image, row.beside);
    if (own === null || other === null || rowOf([row], own) === null) return [];
    if (isWithin(other, row) && !isFailing(row, other) && !isOtherBuild(row, image)) return [];
    if (!isOfModel(row, model)) return [];
    const imported = isImported(row, image);
    return imported === false ? [] : [{ row, imported }];
  });
  return all.find(({ imported }) => imported === true) ?? all[0] ?? null;
}

const failsText = ([from, to]: NonNullable<PackagePair['fails']>): string =>
  from === to ? `another version than ${from}` : `no version from ${from} to ${to}`;

const rangeText = ({ least, most, fails, otherBuilds = [] }: PackagePair): string =>
  fails !== undefined && least === null && most === null
    ? failsText(fails)
    : `${plainRange({ least, most, otherBuilds })}${fails === undefined ? '' : `, and ${failsText(fails)}`}`;

const plainRange = ({ least, most, otherBuilds = [] }: Pick<PackagePair, 'least' | 'most' | 'otherBuilds'>): string =>
  least === null
    ? most === null
      ? `in another build than ${otherBuilds.join(' or ')}`
      : `${most} or older`
    : most === null
      ? `${least} or newer`
      : least === most
        ? String(least)
        : `${least} to ${most === '0' ? 'the last before 1.0' : most}`;

/**
 * Wheels that were compiled against one version of another.
 *
 * | the other | answer |
 * |---|---|
 * | in the range of a row, or a build that nobody published | null |
 * | outside | incompatible: it does not import |
 * | outside, and somebody may have turned it on | unknown |
 */
export function packagePairFinding(image: ImageFacts, model: ModelHardwareFacts | null): Found | null {
  const broken = brokenPair(image, model);
  if (broken === null) return null;
  const { row, imported } = broken;
  const own = distribution(image, [row.distribution]);
  const other = distribution(image, [row.beside]);
  const builtFor = `${row.distribution} ${own} is built for ${row.beside} ${rangeText(row)}`;
  if (imported === null)
    return notKnown(
      'package-pair',
      'image.python',
      `${builtFor}, beside ${other} it does not load, and the image does not tell what calls it`,
    );
  return found({
    rule: 'package-pair',
    compatibility: 'incompatible',
    message: `${builtFor}; the image brings ${other}`,
    facts: { [row.distribution]: own, [row.beside]: other },
    source: row.source,
    fix: `${row.beside} ${rangeText(row)}, or the ${row.distribution} that is built for ${row.beside} ${other}`,
  });
}

/** `cpu`, `12` of `+cu128`; null where the version does not say. */
const buildOf = (text: string | null): string | null => {
  const local = /\+(cpu|cu(\d+)\d)$/.exec(text ?? '');
  return local === null ? null : (local[2] ?? 'cpu');
};

/**
 * | torch | torchvision | answer |
 * |---|---|---|
 * | for CUDA | for the same major of CUDA, or its version does not say | null |
 * | for CUDA | for the CPU, or another major | incompatible: its operators are not there |
 * | for the CPU, or its version does not say | any | null |
 */
export function torchvisionBuildFinding(image: ImageFacts): Found | null {
  const torch = distribution(image, ['torch']);
  const vision = distribution(image, ['torchvision']);
  const [ofTorch, ofVision] = [buildOf(torch), buildOf(vision)];
  if (ofTorch === null || ofTorch === 'cpu' || ofVision === null || ofVision === ofTorch) return null;
  return found({
    rule: 'torchvision-build',
    compatibility: 'incompatible',
    message: `torchvision ${vision} is built ${ofVision === 'cpu' ? 'for the CPU' : `for CUDA ${ofVision}`}, and torch ${torch} for CUDA ${ofTorch}: its operators are not found`,
    facts: { torch, torchvision: vision },
    source: otherBuild,
    fix: `torchvision of the index that torch ${torch} is from`,
  });
}
