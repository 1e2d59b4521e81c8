import type { ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import { jetsonBases, tegraFolder, tegraWheel, type JetsonBase } from '../../tables/host/jetson-bases.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown } from '../finding.ts';
import { cudaNumber, versionOf } from '../numbers.ts';
import { isTegra } from '../product-traits.ts';
import { toolkitOf } from '../service-facts.ts';
import type { UnitFacts } from '../unit-facts.ts';

const ofJetson = new RegExp(tegraWheel);

/** An image for Jetson names the folder of its libraries for the loader, or holds a wheel that is built for Jetson. Null where the folders were not read. */
function isForJetson({ platform, searchPaths, python }: ImageFacts): boolean | null {
  if (platform.architecture !== 'arm64') return false;
  if (python.some(({ version }) => ofJetson.test(version))) return true;
  return searchPaths?.some((folder) => folder.replace(/^\//, '') === tegraFolder) ?? null;
}

/**
 * Whether the image is of a release of Jetson that the host can serve. Null where the image is of no release that is listed.
 *
 * | image | host | answer |
 * |---|---|---|
 * | of a row | of a row | incompatible |
 * | perhaps of a row, for its folders were not read | of a row | unknown |
 * | whose glibc is that of a newer distribution, or which is not for Jetson | any | no rule |
 * | of a row | any other | native |
 */
export function jetsonBaseRule(image: ImageFacts): DeviceRule | null {
  const cuda = toolkitOf(image)?.cuda ?? null;
  const glibc = versionOf(image.glibc);
  const isOfJetson = isForJetson(image);
  if (cuda === null || isOfJetson === false) return null;
  const rows = jetsonBases.filter(
    ({ cudaBelow, glibcBelow }) =>
      cuda < (cudaNumber(cudaBelow) ?? 0) &&
      (glibc === null || compareVersions(glibc, versionOf(glibcBelow) ?? []) < 0),
  );
  if (rows.length === 0) return null;
  const rowFor = ({ capability, branch }: UnitFacts): JetsonBase | undefined =>
    isTegra(capability) ? rows.find(({ hosts }) => branch !== null && hosts.includes(branch)) : undefined;
  return {
    facet: 'support',
    decide: (unit) => (rowFor(unit) === undefined ? 'native' : isOfJetson === null ? 'unknown' : 'incompatible'),
    explain: (unit, decided) => {
      const row = rowFor(unit);
      if (decided === 'unknown') {
        return notKnown(
          'jetson-base',
          'image.searchPaths',
          `an image of ${row?.base} does not run on driver ${unit.driverText}`,
        );
      }
      return found({
        rule: 'jetson-base',
        compatibility: decided,
        message:
          row === undefined
            ? 'the image is of a release of Jetson that the host is not known to refuse'
            : `the image is of ${row.base} (CUDA ${toolkitOf(image)?.text}), and the host has driver ${unit.driverText}: ${row.because}`,
        facts: { 'image.cuda': toolkitOf(image)?.text ?? null, glibc: image.glibc ?? null, driver: unit.driverText },
        source: (row ?? rows[0])?.source ?? '',
        fix: row === undefined ? undefined : 'an image of the release of the host (r36 for JetPack 6)',
      });
    },
  };
}
