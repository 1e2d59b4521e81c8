import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import type { VersionNumbers } from '../../../units/version.ts';
import type { CompatPackage, ImageFacts } from '../../../image/image-facts.ts';
import { brands } from '../../tables/brands.ts';
import { cudaDrivers } from '../../tables/cuda-drivers.ts';
import type { FactName } from '../../tables/fact-commands.ts';
import { earlierForward, forwardTable, type ForwardCell } from '../../tables/forward-compatibility.ts';
import { cudaNumber, cudaText, majorOf, versionOf } from '../numbers.ts';
import { isInStandardFolder } from '../service-facts.ts';
import type { UnitFacts } from '../unit-facts.ts';

/**
 * Whether the `cuda-compat` package of the image works on a device. The image's own note decides where there is one, else
 * the published table; `forwardDifference` says where the two differ.
 *
 * | answer | why |
 * |---|---|
 * | yes | branch and brand are stated |
 * | no | `no-package`, `package-too-old` (for the toolkit), `not-newer` (than the driver), `branch`, `brand` (error 804) |
 * | unknown | `package` (what it is for), `branch` (end-of-life: the table says nothing), `brand`, `driver` |
 */
export interface ForwardAnswer {
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly because:
    'stated' | 'no-package' | 'package-too-old' | 'not-newer' | 'package' | 'branch' | 'brand' | 'driver';
  /** CUDA version that the package speaks; its own compiler takes PTX up to this. Null when it is not known. */
  readonly cuda: number | null;
  readonly by: 'note' | 'table' | null;
  /** The fact that would tell, where the answer is unknown. */
  readonly missing: FactName | null;
}

/** The version of the compat libraries is that of a driver, whose branch speaks one CUDA version: 550 is 12.4. */
function compatCuda({ note, version }: CompatPackage): number | null {
  if (note !== null) return cudaNumber(note.cudaVersion);
  const branch = versionOf(version)?.[0];
  return cudaNumber(cudaDrivers.find((row) => row.branch === branch)?.cuda);
}

/** A package with its texts parsed, once for a service. */
export interface ReadCompat {
  readonly cuda: number | null;
  readonly version: VersionNumbers | null;
  readonly note: CompatPackage['note'];
  /** The container runtime finds it there. */
  readonly inStandardFolder: boolean;
}

export const readCompat = ({ compat, cuda }: Pick<ImageFacts, 'compat' | 'cuda'>): ReadCompat | null =>
  compat === null
    ? null
    : {
        cuda: compatCuda(compat),
        version: versionOf(compat.version),
        note: compat.note,
        inStandardFolder: isInStandardFolder({ compat, cuda }),
      };

type Because = ForwardAnswer['because'];

export function decideForward(compat: ReadCompat | null, toolkitCuda: number, unit: UnitFacts): ForwardAnswer {
  if (compat === null) return no('no-package', null, null);
  const { cuda, version: packaged } = compat;
  if (cuda === null) return unknown('package', null, null, 'image.compat');
  if (cuda < toolkitCuda) return no('package-too-old', cuda, null);
  if (unit.driver === null || unit.branch === null) return unknown('driver', cuda, null, 'driver');
  if (packaged === null) return unknown('package', cuda, null, 'image.compat');
  if (compareVersions(packaged, unit.driver) <= 0) return no('not-newer', cuda, null);
  return compat.note === null
    ? byTable(cuda, unit.branch, unit.brand)
    : byNote(cuda, compat.note, unit.branch, unit.brand);
}

/**
 * A package that the image puts on LD_LIBRARY_PATH is loaded whatever the driver speaks: a branch that it does not run on is
 * error 803, and a brand that it does not cover error 804, also where the driver would do alone. Null on the branch that the
 * package was made from, where it stands in nobody's way, and beside the very driver, whose own libraries these are.
 */
export function decideLoadedPackage(compat: ReadCompat, toolkitCuda: number, unit: UnitFacts): ForwardAnswer | null {
  const { cuda, version, note } = compat;
  const { branch, brand, driver } = unit;
  if (driver !== null && version !== null && compareVersions(version, driver) === 0) return null;
  if (cuda === null) return unknown('package', null, null, 'image.compat');
  if (branch === null) return unknown('driver', cuda, null, 'driver');
  const own = forwardCell(cuda, branch) === 'not-needed' || version?.[0] === branch;
  const answer =
    note === null
      ? own
        ? brandByTable(cuda, brand)
        : byTable(cuda, branch, brand)
      : byNote(cuda, own ? { ...note, drivers: [branch] } : note, branch, brand);
  if (answer.answer !== 'yes') return answer;
  if (own) return null;
  if (cuda >= toolkitCuda) return answer;
  // Within a major the package is a driver that is older than the toolkit; of an older major no path leads to it (error 35).
  return majorOf(cuda) < majorOf(toolkitCuda)
    ? no('package-too-old', cuda, answer.by)
    : unknown('package-too-old', cuda, answer.by, 'image.compat');
}

/**
 * What the container runtime does with a package in `/usr/local/cuda/compat` of a newer branch than the driver: it puts the
 * package before the driver's library, so that the driver does not decide alone (libnvidia-container from 1.4.0 on).
 *
 * | the package | answer |
 * |---|---|
 * | covers branch and brand, or the image states the branch in its require string | null: it stands in nobody's way |
 * | does not cover the brand | `brand`: error 804 |
 * | does not run on the branch | `branch`: error 803 |
 * | is for brands of which some are covered | null: the driver's own answer holds |
 * | cannot be told | unknown |
 */
export function decideInjected(
  compat: ReadCompat | null,
  statedBranches: readonly number[],
  { branch, brand }: UnitFacts,
): ForwardAnswer | null {
  if (compat?.inStandardFolder !== true) return null;
  const { cuda, note, version } = compat;
  const packaged = version?.[0];
  if (packaged === undefined) return unknown('package', cuda, null, 'image.compat');
  if (branch === null || packaged <= branch) return null;
  if (cuda === null) {
    const byBrand = brandByTable(null, brand);
    return byBrand.answer === 'no' ? byBrand : unknown('package', null, null, 'image.compat');
  }
  const stated = forwardCell(cuda, branch) === null && statedBranches.includes(branch);
  const answer =
    note !== null
      ? byNote(cuda, note, branch, brand)
      : stated
        ? brandByTable(cuda, brand)
        : byTable(cuda, branch, brand);
  const some = answer.because === 'brand' && answer.answer === 'unknown' && brand !== null;
  return answer.answer === 'yes' || some ? null : answer;
}

function byNote(
  cuda: number,
  note: NonNullable<CompatPackage['note']>,
  branch: number,
  brandName: string | null,
): ForwardAnswer {
  if (!note.drivers.includes(branch)) return no('branch', cuda, 'note');
  const brand = brands.find(({ name }) => name === brandName);
  if (brand === undefined) return unknown('brand', cuda, 'note', 'brand');
  return note.brands.includes(brand.number) ? yes(cuda, 'note') : no('brand', cuda, 'note');
}

function byTable(cuda: number, branch: number, brandName: string | null): ForwardAnswer {
  const byBrand = brandByTable(cuda, brandName);
  if (byBrand.answer === 'no') return byBrand;
  const cell = forwardCell(cuda, branch);
  if (cell === null) return unknown('branch', cuda, 'table', 'image.compat');
  if (cell === 'not-needed') return no('not-newer', cuda, 'table');
  return cell === 'none' ? no('branch', cuda, 'table') : byBrand;
}

function brandByTable(cuda: number | null, brandName: string | null): ForwardAnswer {
  const brand = brands.find(({ name }) => name === brandName);
  if (brand === undefined || brand.forward === 'some') return unknown('brand', cuda, 'table', 'brand');
  return brand.forward === 'yes' ? yes(cuda, 'table') : no('brand', cuda, 'table');
}

/** Whether the package is of an older branch than this one. */
export function isOlderPackage(cuda: number, branch: number): boolean {
  const own = cudaDrivers.find((row) => cudaNumber(row.cuda) === cuda)?.branch;
  return own !== undefined && own < branch;
}

/**
 * What the published table says of a package on a branch, or where it leaves the branch out:
 *
 * | the package | answer |
 * |---|---|
 * | is of an older branch | none: the table has no package that runs on a newer branch |
 * | is in the earlier statements, and the branch too | works |
 * | is there, and the branch is not | none where they name every branch, else null |
 * | is not there | null |
 */
export function forwardCell(cuda: number, branch: number): ForwardCell | null {
  const cell = forwardTable.find((row) => row.cuda === cudaText(cuda))?.branches[branch];
  if (cell !== undefined) return cell;
  if (isOlderPackage(cuda, branch)) return 'none';
  const row = earlierForward.find((one) => one.cuda === cudaText(cuda));
  if (row?.branches.includes(branch) === true) return 'works';
  return row?.only === true ? 'none' : null;
}

const yes = (cuda: number | null, by: 'note' | 'table'): ForwardAnswer => ({
  answer: 'yes',
  because: 'stated',
  cuda,
  by,
  missing: null,
});
const no = (because: Because, cuda: number | null, by: ForwardAnswer['by']): ForwardAnswer => ({
  answer: 'no',
  because,
  cuda,
  by,
  missing: null,
});
const unknown = (because: Because, cuda: number | null, by: ForwardAnswer['by'], missing: FactName): ForwardAnswer => ({
  answer: 'unknown',
  because,
  cuda,
  by,
  missing,
});
