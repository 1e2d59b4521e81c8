import type { ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import { driverGlibcs } from '../../tables/host/injected-libraries.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { isTegra } from '../product-traits.ts';
import type { UnitFacts } from '../unit-facts.ts';

type Row = (typeof driverGlibcs)[number];

/** The row of the driver, of a system on chip alone. */
const rowOfDriver = ({ capability, branch }: UnitFacts): Row | undefined =>
  isTegra(capability) ? driverGlibcs.find((row) => row.branch === branch) : undefined;

/** Whether libraries of the driver may not load, because nobody read the glibc of the image. */
export const isDriverGlibcOpen = (unit: UnitFacts, image: ImageFacts | null): boolean =>
  image !== null && versionOf(image.glibc) === null && rowOfDriver(unit) !== undefined;

/**
 * The container runtime hands libraries of the driver into a container, where the loader needs the glibc that they are linked to. Those of a Jetson are linked to that of its
 * distribution.
 *
 * | driver of a system on chip | glibc of the image | answer |
 * |---|---|---|
 * | of a row | at least that of the row | native |
 * | of a row | older | incompatible: libcuda.so.1 does not load |
 * | of a row | not read | native; a pass names the glibc |
 * | any other | any | native |
 */
export function driverGlibcRule(image: ImageFacts): DeviceRule {
  const own = versionOf(image.glibc);
  const tooNew = (unit: UnitFacts): Row | undefined => {
    const row = rowOfDriver(unit);
    if (row === undefined || own === null) return undefined;
    return compareVersions(own, versionOf(row.glibc) ?? []) < 0 ? row : undefined;
  };
  return {
    facet: 'support',
    decide: (unit) => (tooNew(unit) === undefined ? 'native' : 'incompatible'),
    explain: (unit, decided) => {
      const row = tooNew(unit);
      return found({
        rule: 'driver-glibc',
        compatibility: decided,
        message:
          row === undefined
            ? 'no library of the driver is known to need a newer glibc than that of the image'
            : `libraries of driver ${unit.driverText} need GLIBC_${row.glibc}, and the image brings glibc ${image.glibc}: libcuda.so.1 does not load (error 35)`,
        facts: { glibc: image.glibc ?? null, driver: unit.driverText },
        source: (row ?? driverGlibcs[0])?.source ?? '',
        fix:
          row === undefined
            ? undefined
            : `a base image with glibc ${row.glibc} or newer, such as one of the JetPack of the node`,
      });
    },
  };
}
