import type { CompatPackage } from '../../../image/image-facts.ts';
import { cudaDrivers, ptxLimit, releaseNotes } from '../../tables/cuda-drivers.ts';
import { forwardBranches, forwardTable } from '../../tables/forward-compatibility.ts';
import type { Source } from '../../tables/source.ts';
import type { CudaPaths, ToolkitDriver } from './cuda-paths.ts';
import { found, notKnown, fromLabelsOnly, type Found } from '../finding.ts';
import { forwardCell, isOlderPackage, type ForwardAnswer } from './forward-path.ts';
import { cudaNumber, cudaText, majorOf } from '../numbers.ts';
import type { Toolkit } from '../service-facts.ts';
import { consumerBrand, type UnitFacts } from '../unit-facts.ts';
import type { CudaAnswer } from './cuda-and-kernels.ts';

const compatibilityGuide: Source = {
  title: 'CUDA Compatibility, release 615',
  url: 'https://docs.nvidia.com/deploy/cuda-compatibility/615/',
  date: '2026-09-09',
};

export interface CudaCase {
  readonly toolkit: Toolkit;
  readonly toolkitDriver: ToolkitDriver;
  readonly compat: CompatPackage | null;
  readonly unit: UnitFacts;
  readonly paths: CudaPaths;
  readonly answer: CudaAnswer;
}

/** What the driver and the toolkit make of each other: one finding, and warnings beside it. */
export function explainDriver(one: CudaCase): readonly Found[] {
  const { paths, answer } = one;
  // A path that is not known would do where the one that is known does not: `allow` or PTX refuse that.
  const open = paths.paths.length > 0 && answer.missing !== null && answer.missing === paths.missing;
  return [driverFinding(one), ...(open ? [missingFinding(one)] : []), ...forwardWarnings(one)];
}

function driverFinding(one: CudaCase): Found {
  const { paths, answer, unit } = one;
  if (paths.contradiction) {
    return notKnown(
      'driver',
      'driverCuda',
      `driver ${unit.driverText} and CUDA ${cudaText(unit.driverCuda ?? 0)} cannot both be right`,
    );
  }
  if (answer.path !== null) return pathFinding(one, answer.path.compatibility);
  const [best] = paths.paths;
  if (answer.missing !== null && best === undefined) return missingFinding(one);
  const isInTheWay = paths.loadedPackage !== undefined && paths.forward.because !== 'package-too-old';
  if (best === undefined && isInTheWay) return inTheWay(one);
  return best === undefined ? tooOld(one) : pathFinding(one, best.compatibility);
}

function missingFinding({ answer, paths, unit }: CudaCase): Found {
  const { forward } = paths;
  const fact = answer.missing ?? 'driver';
  const why = forward.answer === 'unknown' ? whyForward(forward, unit) : undefined;
  return notKnown('driver', fact, why ?? (unit.fromLabels && fact === 'brand' ? fromLabelsOnly : undefined));
}

const factsOf = ({ toolkit, unit }: CudaCase): Readonly<Record<string, string | null>> => ({
  driver: unit.driverText,
  driverCuda: unit.driverCuda === null ? null : cudaText(unit.driverCuda),
  'image.cuda': toolkit.text,
});

function pathFinding(one: CudaCase, compatibility: 'native' | 'minor-version' | 'forward'): Found {
  const { toolkit, toolkitDriver, unit, paths } = one;
  const speaks = `driver ${unit.driverText} speaks CUDA ${cudaText(unit.driverCuda ?? 0)}`;
  const brings = `the image brings CUDA ${toolkit.text} (${toolkit.from})`;
  const facts = factsOf(one);
  switch (compatibility) {
    case 'native':
      return found({
        rule: 'driver-native',
        compatibility,
        message: `${speaks}, and ${brings}`,
        facts,
        source: toolkitDriver.row?.source ?? releaseNotes,
      });
    case 'minor-version': {
      const major = majorOf(toolkit.cuda);
      return found({
        rule: 'driver-minor-version',
        compatibility,
        message: `${speaks}, and ${brings}: within CUDA ${major} the driver is new enough; calls that are newer than it fail (error 36), and so does compiling newer PTX (error 222)`,
        facts,
        source: ptxLimit,
        fix: `${leastDriver(toolkitDriver)} to have it native`,
      });
    }
    case 'forward': {
      const { by, cuda } = paths.forward;
      return found({
        rule: 'driver-forward',
        compatibility,
        message: `${speaks}, and ${brings}: its cuda-compat ${cuda === null ? '' : cudaText(cuda)} runs on branch ${unit.branch} and brand ${unit.brand}, by ${by === 'note' ? 'its own note' : 'the published table'}`,
        facts: { ...facts, brand: unit.brand },
        source:
          by === 'note'
            ? 'the note .note.cuda.fwd_compatibility in the image'
            : (forwardTable[0]?.source ?? compatibilityGuide),
      });
    }
  }
}

/** `driver >= 580.65.06`, or the branch where no exact driver is published. */
export function leastDriver({ row, cuda }: Pick<ToolkitDriver, 'row' | 'cuda'>): string {
  if (row === null) return `a driver that speaks CUDA ${cudaText(cuda)}`;
  return `driver >= ${row.firstDriver ?? row.branch}`;
}

function tooOld(one: CudaCase): Found {
  const { toolkit, toolkitDriver, unit, paths } = one;
  const floor = toolkitDriver.floor;
  const least = floor === null ? leastDriver(toolkitDriver) : `driver >= ${floor.join('.')}`;
  return found({
    rule: 'driver-too-old',
    compatibility: 'incompatible',
    message: `driver ${unit.driverText} speaks CUDA ${cudaText(unit.driverCuda ?? 0)}, too old for CUDA ${toolkit.text} of the image (${toolkit.from}): ${whyForward(paths.forward, unit)}`,
    facts: factsOf(one),
    source: compatibilityGuide,
    fix: [leastFix(toolkitDriver, least), packageFix(toolkit, unit, paths.forward)]
      .filter((fix) => fix !== null)
      .join(', or '),
  });
}

/** The driver might do alone, and is not asked: the package's library is taken before it. */
function inTheWay(one: CudaCase): Found {
  const { unit, paths, toolkitDriver, compat } = one;
  const error = paths.forward.because === 'brand' ? '' : ' (error 803)';
  const who =
    paths.loadedPackage === 'runtime'
      ? `the container runtime puts cuda-compat ${compat?.version ?? ''} of the image before driver ${unit.driverText}`
      : 'the image puts its cuda-compat before the driver (LD_LIBRARY_PATH or etc/ld.so.conf.d)';
  return found({
    rule: 'compat-loaded',
    compatibility: 'incompatible',
    message: `${who}, and CUDA does not start: ${whyForward(paths.forward, unit)}${error}`,
    facts: { ...factsOf(one), brand: unit.brand },
    source: paths.loadedPackage === 'runtime' ? compatInjection : compatibilityGuide,
    fix:
      paths.loadedPackage === 'runtime'
        ? `remove /usr/local/cuda/compat from the image, or ${leastDriver(toolkitDriver)}`
        : 'leave /usr/local/cuda/compat out of LD_LIBRARY_PATH and etc/ld.so.conf.d of the image',
  });
}

/** Who puts the package before the driver where the image does not. */
const compatInjection: Source = {
  title: 'nvidia-container-toolkit, issue 291 and pull request 1055: cuda-compat of a newer branch is put first',
  url: 'https://github.com/NVIDIA/nvidia-container-toolkit/pull/1055',
  date: '2025-05',
};

/** The floor of the major is the smallest step; the exact first driver of that branch is what can be installed. */
function leastFix({ cuda }: ToolkitDriver, least: string): string {
  const first = cudaDrivers.find((row) => majorOf(cudaNumber(row.cuda) ?? 0) === majorOf(cuda))?.firstDriver;
  const floor = least.replace('driver >= ', '');
  return first !== undefined && first !== null && first.startsWith(`${floor}.`) ? `driver >= ${first}` : least;
}

/** A package would help only where the table has one for the branch, and the brand is covered. */
function packageFix(toolkit: Toolkit, { branch, brand }: UnitFacts, forward: ForwardAnswer): string | null {
  if (branch === null || brand?.startsWith('geforce') === true || brand?.startsWith('titan') === true) return null;
  if (forward.because !== 'no-package' && forward.because !== 'package-too-old') return null;
  const name = `cuda-compat-${cudaText(toolkit.cuda).replace('.', '-')}`;
  return forwardCell(toolkit.cuda, branch) === 'works' ? `add ${name} to the image` : null;
}

/** Why the `cuda-compat` package does not help, or why that is not known. */
export function whyForward(
  { answer, because, by, cuda }: ForwardAnswer,
  { branch, brand, product }: UnitFacts,
): string {
  const name = cuda === null ? 'cuda-compat' : `cuda-compat ${cudaText(cuda)}`;
  const says = by === 'note' ? 'its note in the image' : 'the published table';
  switch (because) {
    case 'stated':
      return `${name} covers it, by ${says}`;
    case 'no-package':
      return 'the image holds no cuda-compat package';
    case 'package-too-old':
      return `${name} in the image is older than its toolkit`;
    case 'not-newer':
      return `${name} is not newer than the driver`;
    case 'package':
      return 'it cannot be told which CUDA version the cuda-compat package in the image is for';
    case 'branch':
      if (by !== 'table' || forwardBranches.some((each) => each === branch))
        return `${name} does not run on branch ${branch}, by ${says}`;
      if (answer !== 'no' || cuda === null || branch === null)
        return `branch ${branch} is end-of-life, and the published table no longer says whether ${name} runs on it`;
      return isOlderPackage(cuda, branch)
        ? `${name} is older than branch ${branch}, and the published table has no package that runs on a newer branch`
        : `${name} does not run on branch ${branch}, by the images that it was published with`;
    case 'brand':
      return brand === null
        ? `${name} runs on some brands only${consumerBrand(product) === null ? '' : `, and ${product} is told as another brand`}`
        : `${name} does not cover every device of brand ${brand}, by ${says} (error 804 where it does not)`;
    case 'driver':
      return 'the driver is not known';
  }
}

/** Where the vendor's own statements differ, and where a package stands in the way. */
function forwardWarnings({ compat, unit, paths, toolkit }: CudaCase): readonly Found[] {
  if (compat === null || unit.branch === null) return [];
  const { cuda, by } = paths.forward;
  const warnings: Found[] = [];
  const cell = cuda === null ? null : forwardCell(cuda, unit.branch);
  const note = compat.note?.drivers.includes(unit.branch);
  if (by === 'note' && cuda !== null && note !== undefined && note !== (cell === 'works')) {
    warnings.push(
      found({
        rule: 'forward-sources-differ',
        compatibility: note ? 'forward' : 'incompatible',
        message: `for cuda-compat ${cudaText(cuda)} on branch ${unit.branch} the note in the image says ${note ? 'yes' : 'no'}, the published table ${cell === null ? 'nothing' : cell === 'works' ? 'yes' : 'no'}: the note decides`,
        facts: { note: compat.note?.drivers.join(', ') ?? '', table: cell },
        source: forwardTable[0]?.source ?? compatibilityGuide,
        warning: true,
      }),
    );
  }
  if (
    paths.paths[0]?.compatibility === 'minor-version' &&
    paths.forward.because === 'brand' &&
    paths.forward.answer === 'no'
  ) {
    warnings.push(
      found({
        rule: 'compat-in-the-way',
        compatibility: 'minor-version',
        message: `the image holds cuda-compat for CUDA ${cudaText(cuda ?? toolkit.cuda)}, which brand ${unit.brand} refuses: where it is put before the driver's own library, CUDA does not start (error 804)`,
        facts: { brand: unit.brand },
        source: compatibilityGuide,
        fix: 'leave /usr/local/cuda/compat out of LD_LIBRARY_PATH on these devices',
        warning: true,
      }),
    );
  }
  return warnings;
}
