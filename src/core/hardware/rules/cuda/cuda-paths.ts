import { cudaDrivers, jetsonReleases, minorVersionFloors, type CudaDriver } from '../../tables/cuda-drivers.ts';
import type { FactName } from '../../tables/fact-commands.ts';
import type { VersionNumbers } from '../../../units/version.ts';
import {
  decideForward,
  decideInjected,
  decideLoadedPackage,
  type ForwardAnswer,
  type ReadCompat,
} from './forward-path.ts';
import { cudaNumber, majorOf, versionOf } from '../numbers.ts';
import { isJetsonRelease } from '../product-traits.ts';
import { driverAtLeast, type UnitFacts } from '../unit-facts.ts';

/** One way in which the CUDA runtime of an image can work with the driver of a node. */
export interface CudaPath {
  readonly compatibility: 'native' | 'minor-version' | 'forward';
  /** PTX of a toolkit up to this is compiled when it is loaded; newer PTX is error 222. */
  readonly jitCuda: number;
  /** Branch of the library that opens the device code: that of the driver, or of the package. */
  readonly branch: number | null;
}

/**
 * Which ways there are, best first. T is the toolkit, C the CUDA version that the driver speaks, D the driver.
 *
 * | path | when | PTX up to |
 * |---|---|---|
 * | native | C >= T, and D is not older than the toolkit's own driver, or branch where only that is published (table A) | C |
 * | native | C >= T, and D is a release of Jetson Linux | C |
 * | minor-version | C and T of one major from 11 on, D >= the floor of that major | C |
 * | forward | `decideForward` | the package's CUDA |
 *
 * Worked: T 12.4 on driver 525.85.12 (C 12.0) is minor-version, with PTX up to 12.0. T 13.0 on 535.183.01 (C 12.2) with
 * cuda-compat-13-0 on an A100 is forward, with PTX up to 13.0. T 12.8 on 570.26 (C 12.8) is native.
 *
 * D and C are both needed: a driver's CUDA version is not inferred from its number, but for drivers before 410, of which nothing
 * tells it. Nor is a number inferred from it. A D of a
 * branch below the floor of the major that C names contradicts it: 570.124.06 does not speak CUDA 13.2.
 */
export interface CudaPaths {
  readonly paths: readonly CudaPath[];
  readonly forward: ForwardAnswer;
  /** A further path may exist and is not known: the fact that would tell. */
  readonly missing: FactName | null;
  /** D and C cannot both be right. */
  readonly contradiction: boolean;
  /** Who puts the `cuda-compat` of the image before the driver's library, so that there is no way around the package. */
  readonly loadedPackage?: 'image' | 'runtime';
}

export interface ToolkitDriver {
  readonly cuda: number;
  /** Null where table A has no exact driver for it. */
  readonly firstDriver: VersionNumbers | null;
  readonly row: CudaDriver | null;
  /** Null before CUDA 11, which knows no minor-version compatibility. */
  readonly floor: VersionNumbers | null;
}

export function toolkitDriverOf(cuda: number): ToolkitDriver {
  const row = cudaDrivers.find((candidate) => cudaNumber(candidate.cuda) === cuda) ?? null;
  const floor = minorVersionFloors.find(({ cudaMajor }) => cudaMajor === majorOf(cuda));
  return { cuda, row, firstDriver: versionOf(row?.firstDriver), floor: versionOf(floor?.driver) };
}

/** A package, or a note in it, that could not be read may say anything. */
const compatUnread: ForwardAnswer = {
  answer: 'unknown',
  because: 'package',
  cuda: null,
  by: null,
  missing: 'image.compat',
};
const noForward: ForwardAnswer = { answer: 'no', because: 'no-package', cuda: null, by: null, missing: null };

/** The `cuda-compat` package of an image, and how a process comes to load it. */
export interface CompatCase {
  readonly compat: ReadCompat | null;
  /** False where the package, or its note, could not be read. */
  readonly known: boolean;
  /** Whether the image puts it before the driver's library; null where its search paths were not read. */
  readonly loaded: boolean | null;
  /** Branches that the require string of the image names. */
  readonly statedBranches: readonly number[];
}

/**
 * | the package | who loads it | paths |
 * |---|---|---|
 * | is put first by the image | every process | those through the package alone |
 * | may be put first by the image, which was not read | perhaps every process | unknown, where that would stop it |
 * | lies in the standard folder, of a newer branch than the driver | the container runtime | none where it refuses the device |
 * | anything else | whoever asks for it | those of the driver, and `forward` |
 */
export function decideCudaPaths(toolkit: ToolkitDriver, one: CompatCase, unit: UnitFacts): CudaPaths {
  if (unit.driver === null) return notKnown('driver');
  if (unit.driverCuda === null) return notKnown('driverCuda');
  // So small a number is a release of Jetson Linux, where the device is of one.
  if (unit.capability === null && (unit.branch ?? 0) < jetsonReleases.below) return notKnown('computeCapability');
  // Where it is too old by its CUDA version as well, both say the same.
  if (unit.driverCuda >= toolkit.cuda && isBelowOwnFloor(unit)) {
    return { ...notKnown('driverCuda'), contradiction: true };
  }
  const loaded = one.loaded === false ? null : decideLoaded(one.compat, one.known, toolkit.cuda, unit);
  if (loaded !== null && one.loaded === true) return throughPackage(loaded, toolkit.cuda, one.compat, 'image');
  const beside = pathsBeside(toolkit, one, unit, unit.driverCuda);
  const injected = beside.paths.length === 0 ? null : decideRuntime(one, unit);
  const paths = injected === null ? beside : throughPackage(injected, toolkit.cuda, one.compat, 'runtime');
  const mayStop = loaded !== null && loaded.answer !== 'yes' && paths.paths.length > 0;
  return mayStop ? { ...notKnown('image.searchPaths'), forward: loaded } : paths;
}

/** A package that was not read may be one that the container runtime puts first. */
const decideRuntime = ({ compat, known, statedBranches }: CompatCase, unit: UnitFacts): ForwardAnswer | null =>
  known ? decideInjected(compat, statedBranches, unit) : compatUnread;

/** The paths where nothing is put before the driver's library. */
function pathsBeside(
  { cuda, firstDriver, row, floor }: ToolkitDriver,
  { compat, known }: CompatCase,
  unit: UnitFacts,
  driverCuda: number,
): CudaPaths {
  const isPublished =
    firstDriver === null ? row === null || (unit.branch ?? 0) >= row.branch : driverAtLeast(unit, firstDriver) === true;
  const oldEnough = isPublished || isJetsonRelease(unit);
  if (driverCuda >= cuda && oldEnough)
    return only({ compatibility: 'native', jitCuda: driverCuda, branch: unit.branch });
  if (majorOf(driverCuda) > majorOf(cuda)) return { ...notKnown('driverCuda'), contradiction: true };
  const forward = known ? decideForward(compat, cuda, unit) : compatUnread;
  const paths: CudaPath[] = [];
  const sameMajor = majorOf(driverCuda) === majorOf(cuda);
  if (sameMajor && floor !== null && driverAtLeast(unit, floor) === true) {
    paths.push({ compatibility: 'minor-version', jitCuda: driverCuda, branch: unit.branch });
  }
  if (forward.answer === 'yes') {
    paths.push({ compatibility: 'forward', jitCuda: forward.cuda ?? cuda, branch: packageBranch(compat) });
  }
  return { paths, forward, missing: forward.missing, contradiction: false };
}

/** By branch and not by driver: CUDA 11.0 came with 450.51, below the exact floor of its major. */
function isBelowOwnFloor(unit: UnitFacts): boolean {
  const { branch, driverCuda } = unit;
  if (isJetsonRelease(unit)) return false;
  const floor = minorVersionFloors.find(({ cudaMajor }) => cudaMajor === majorOf(driverCuda ?? 0));
  const floorBranch = versionOf(floor?.driver)?.[0];
  return branch !== null && floorBranch !== undefined && branch < floorBranch;
}

/** The libraries that the loader finds first decide alone; null where they are those of the driver's own branch. */
function decideLoaded(
  compat: ReadCompat | null,
  compatKnown: boolean,
  cuda: number,
  unit: UnitFacts,
): ForwardAnswer | null {
  if (!compatKnown) return compatUnread;
  return compat === null ? null : decideLoadedPackage(compat, cuda, unit);
}

const packageBranch = (compat: ReadCompat | null): number | null => compat?.version?.[0] ?? null;

function throughPackage(
  forward: ForwardAnswer,
  cuda: number,
  compat: ReadCompat | null,
  loadedPackage: NonNullable<CudaPaths['loadedPackage']>,
): CudaPaths {
  const path: CudaPath = {
    compatibility: 'forward',
    jitCuda: forward.cuda ?? cuda,
    branch: packageBranch(compat),
  };
  return {
    paths: forward.answer === 'yes' ? [path] : [],
    forward,
    missing: forward.missing,
    contradiction: false,
    loadedPackage,
  };
}

const only = (path: CudaPath): CudaPaths => ({
  paths: [path],
  forward: noForward,
  missing: null,
  contradiction: false,
});
const notKnown = (missing: FactName): CudaPaths => ({ paths: [], forward: noForward, missing, contradiction: false });
