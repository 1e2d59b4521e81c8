import type { HardwareSection, Sharing, VersionRange } from '../../contract/contract.ts';
import type { ImageFacts } from '../../image/image-facts.ts';
import { compareVersions, versionMeets } from '../../units/quantity/quantity-version-range.ts';
import { capabilities, type Capability } from '../tables/capabilities.ts';
import { cudaDrivers } from '../tables/cuda-drivers.ts';
import { oneInstancePerProcess } from '../tables/mig-profiles.ts';
import { ncclOnInstances, sharingFloors } from '../tables/sharing-floors.ts';
import type { Source } from '../tables/source.ts';
import { contractSource, found, fromLabelsOnly, notKnown, type Found } from './finding.ts';
import { capabilityNumber, capabilityText, cudaText, gibText, versionOf } from './numbers.ts';
import { distribution, readWhole } from './service-facts.ts';
import type { Plain } from './outcome.ts';
import type { Facet } from './facets.ts';
import { releaseBranchOf } from './product-traits.ts';
import type { UnitFacts } from './unit-facts.ts';

/** A rule that looks at one device alone. `facet` names every fact that it uses: equal facets have equal answers. */
export interface DeviceRule {
  readonly facet: Facet;
  readonly decide: (unit: UnitFacts) => Plain;
  readonly explain: (unit: UnitFacts, decided: Plain) => Found;
}

const labelsReason = ({ fromLabels }: UnitFacts): string | undefined => (fromLabels ? fromLabelsOnly : undefined);

/**
 * A driver shows no device that it dropped, or does not know yet: V100 ends with R580, and Blackwell starts with R570 (tables A and C). Of systems on chip the
 * tables do not tell the first.
 */
export const driverDropsDevice: DeviceRule = {
  facet: 'support',
  decide: (unit) => {
    const last = lastBranchOf(unit)?.lastDriverBranch ?? null;
    if (last !== null && unit.branch !== null && releaseBranchOf(unit.branch) > last) return 'incompatible';
    return isTooOld(unit) ? 'incompatible' : 'native';
  },
  explain: (unit, decided) => {
    const row = lastBranchOf(unit);
    const last = row?.lastDriverBranch ?? null;
    const first = firstBranchOf(row);
    if (decided === 'incompatible' && isTooOld(unit)) {
      return found({
        rule: 'driver-supports-device',
        compatibility: decided,
        message: `driver ${unit.driverText} does not know ${row?.architecture} (${capabilityOrNot(unit)}) yet: R${first} is the first branch`,
        facts: { driver: unit.driverText, computeCapability: capabilityOrNot(unit) },
        source: cudaDrivers.find(({ branch }) => branch === first)?.source ?? contractSource,
        fix: `a driver of branch ${first} or newer`,
      });
    }
    const architecture = row?.architecture ?? 'a capability of no table';
    return found({
      rule: 'driver-supports-device',
      compatibility: decided,
      message:
        decided === 'incompatible'
          ? `driver ${unit.driverText} no longer runs ${architecture} (${capabilityOrNot(unit)}): R${last} is the last branch`
          : `driver ${unit.driverText ?? 'not known'} and ${architecture} (${capabilityOrNot(unit)}): no branch is known to have dropped it`,
      facts: { driver: unit.driverText, computeCapability: capabilityOrNot(unit) },
      source: row?.source ?? capabilities[0]?.source ?? contractSource,
      fix: decided === 'incompatible' ? `driver of branch ${last}` : undefined,
    });
  },
};

/** The branch that came with the first toolkit for the capability; null where table A does not go back so far, and of systems on chip. */
function firstBranchOf(row: Capability | undefined): number | null {
  if (row === undefined || row.tegra) return null;
  return cudaDrivers.find(({ cuda }) => cuda === row.firstCuda)?.branch ?? null;
}

function isTooOld(unit: UnitFacts): boolean {
  const first = firstBranchOf(lastBranchOf(unit));
  return first !== null && unit.branch !== null && unit.branch < first;
}

const capabilityRows = new Map(capabilities.map((row) => [capabilityNumber(row.capability), row]));
const lastBranchOf = ({ capability }: UnitFacts): Capability | undefined => capabilityRows.get(capability);
const capabilityOrNot = ({ capability }: UnitFacts): string =>
  capability === null ? 'not known' : capabilityText(capability);

/** What the contract writes about the device itself: capability, driver, CUDA of the driver. */
export function rangeRules({ computeCapability, driver, cuda }: HardwareSection): readonly DeviceRule[] {
  return [
    ...(computeCapability === undefined ? [] : [capabilityRange(computeCapability)]),
    ...(driver === undefined ? [] : [driverRange(driver)]),
    ...(cuda === undefined ? [] : [cudaRange(cuda)]),
  ];
}

const split = (number: number): readonly number[] => [Math.floor(number / 1000), number % 1000];
const inRange = (version: readonly number[] | null, range: VersionRange): Plain => {
  if (version === null) return 'unknown';
  return versionMeets(version, range.comparisons) ? 'native' : 'incompatible';
};

const capabilityRange = (range: VersionRange): DeviceRule => ({
  facet: 'capability',
  decide: ({ capability }) => inRange(capability === null ? null : split(capability), range),
  explain: (unit, decided) =>
    decided === 'unknown'
      ? notKnown('contract-capability', 'computeCapability', labelsReason(unit))
      : rangeFinding('contract-capability', 'compute capability', capabilityOrNot(unit), range, decided),
});

const driverRange = (range: VersionRange): DeviceRule => ({
  facet: 'driver',
  decide: ({ driver }) => inRange(driver, range),
  explain: ({ driverText }, decided) =>
    decided === 'unknown'
      ? notKnown('contract-driver', 'driver')
      : rangeFinding('contract-driver', 'driver', driverText ?? '', range, decided),
});

const cudaRange = (range: VersionRange): DeviceRule => ({
  facet: 'driverCuda',
  decide: ({ driverCuda }) => inRange(driverCuda === null ? null : split(driverCuda), range),
  explain: ({ driverCuda }, decided) =>
    decided === 'unknown' || driverCuda === null
      ? notKnown('contract-cuda', 'driverCuda')
      : rangeFinding('contract-cuda', 'CUDA of the driver', cudaText(driverCuda), range, decided),
});

function rangeFinding(rule: string, what: string, fact: string, range: VersionRange, decided: Plain): Found {
  const holds = decided === 'native';
  return found({
    rule,
    compatibility: decided,
    message: `${what} ${fact} is ${holds ? 'inside' : 'outside'} ${range.text}`,
    facts: { [what]: fact, asked: range.text },
    source: contractSource,
    fix: holds ? undefined : `${what} ${range.text}`,
  });
}

/** `sharing` names what the service tolerates, and nothing else is tolerated. A slice of a board is `mig`. */
export function sharingRule(tolerated: readonly Sharing[]): DeviceRule {
  return {
    facet: 'sharing',
    decide: ({ sharing }) => {
      if (sharing === null) return 'unknown';
      return tolerated.includes(sharing) ? 'native' : 'incompatible';
    },
    explain: ({ sharing }, decided) =>
      sharing === null
        ? notKnown('sharing', 'sharing')
        : found({
            rule: 'sharing',
            compatibility: decided,
            message: `the device is handed out ${sharingText[sharing]}, and the service tolerates ${tolerated.join(', ')}`,
            facts: { sharing, tolerated: tolerated.join(', ') },
            source: contractSource,
            fix:
              decided === 'native'
                ? undefined
                : `add ${sharing} to hardware.sharing, or a pool of ${tolerated.join(' or ')} devices`,
          }),
  };
}

const sharingText: Readonly<Record<Sharing, string>> = {
  exclusive: 'exclusive',
  mig: 'as a slice (mig)',
  mps: 'to several at once (mps)',
  'time-slicing': 'to several in turn (time-slicing)',
};

/** Whether the unit is a board or a slice of one must be known before its memory means anything. */
export const migModeRule: DeviceRule = {
  facet: 'kind',
  decide: ({ kind }) => (kind === 'unknown' ? 'unknown' : kind === 'empty' ? 'incompatible' : 'native'),
  explain: (unit, decided) => {
    if (decided === 'unknown') return notKnown('mig-mode', 'migLayout', labelsReason(unit));
    return found({
      rule: 'mig-mode',
      compatibility: decided,
      message:
        decided === 'incompatible'
          ? 'MIG is on and the board holds no instance: nothing can be placed on it'
          : unit.kind === 'board'
            ? 'the whole board is handed out: MIG is off'
            : `a MIG instance ${unit.profile ?? 'of a profile that is not known'} is handed out`,
      facts: { mig: unit.kind },
      source: oneInstancePerProcess,
      fix:
        decided === 'incompatible'
          ? 'create an instance, such as nvidia-smi mig -cgi PROFILE -C, or turn MIG off'
          : undefined,
    });
  },
};

/**
 * A replica of several devices, made of MIG instances.
 *
 * | NCCL in the image | instances |
 * |---|---|
 * | 2.32 or newer | run |
 * | older, or none | do not: ranks of one board are refused, and a process sees one instance |
 * | not known, because a part of the image was not read | unknown |
 */
export function severalDevices(devices: number, image: ImageFacts | null): DeviceRule {
  const nccl = image === null ? null : ncclOf(image);
  const version = versionOf(nccl);
  const answer: Plain =
    version !== null && compareVersions(version, versionOf(ncclOnInstances.version) ?? []) >= 0
      ? 'native'
      : version === null && image !== null && !readWhole(image, 'components')
        ? 'unknown'
        : 'incompatible';
  return {
    facet: 'kind',
    decide: ({ kind }) => (kind === 'instance' ? answer : 'native'),
    explain: ({ kind }, decided) =>
      decided === 'unknown'
        ? notKnown(
            'mig-devices',
            'image.components',
            'the version of NCCL decides whether several instances work together',
          )
        : found({
            rule: 'mig-devices',
            compatibility: decided,
            message:
              kind === 'instance'
                ? `${devices} devices are asked for, and MIG instances are handed out: ${decided === 'native' ? `NCCL ${nccl} works over several` : `a process sees one, and ${nccl === null ? 'the image holds no NCCL' : `NCCL ${nccl}`} joins none`}`
                : `${devices} devices are asked for, and whole boards are handed out`,
            facts: { devices: String(devices), mig: kind, nccl },
            source: kind === 'instance' ? ncclOnInstances.source : oneInstancePerProcess,
            fix:
              decided === 'incompatible'
                ? `boards with MIG off, devices: 1 on a larger instance, or NCCL ${ncclOnInstances.version}`
                : undefined,
          }),
  };
}

/** Version of NCCL in the image; null where it holds none. */
export const ncclOf = (image: ImageFacts): string | null =>
  image.components['nccl']?.version ??
  distribution(image, ['nvidia-nccl-cu13', 'nvidia-nccl-cu12', 'nvidia-nccl-cu11']);

/** Whether the way in which a device is shared works on it at all (see `sharingFloors`). */
export const sharingSupport: DeviceRule = {
  facet: 'sharingSupport',
  decide: ({ sharing, capability, kind }) => {
    const floor = sharingFloors.find((row) => row.sharing === sharing);
    if (floor === undefined) return 'native';
    if (kind === 'instance' && !floor.onInstances) return 'incompatible';
    const least = capabilityNumber(floor.capability) ?? 0;
    return capability === null ? 'unknown' : capability >= least ? 'native' : 'incompatible';
  },
  explain: (unit, decided) => {
    const floor = sharingFloors.find((row) => row.sharing === unit.sharing);
    if (decided === 'unknown') return notKnown('sharing-support', 'computeCapability', labelsReason(unit));
    return found({
      rule: 'sharing-support',
      compatibility: decided,
      message:
        floor === undefined
          ? 'the device is handed out in a way that every device knows'
          : `${floor.sharing} works from capability ${floor.capability} on${floor.onInstances ? '' : ', on whole boards'}; the device is ${unit.kind === 'instance' ? 'a MIG instance' : 'a board'} of capability ${capabilityOrNot(unit)}`,
      facts: { sharing: unit.sharing, computeCapability: capabilityOrNot(unit) },
      source: floor?.source ?? contractSource,
      fix: decided === 'incompatible' ? 'hand the device out exclusive, or take a newer one' : undefined,
    });
  },
};

const timeSlices: Source = {
  title: 'NVIDIA GPU Operator, "Time-Slicing GPUs in Kubernetes": no isolation of memory between replicas',
  url: 'https://docs.nvidia.com/datacenter/cloud-native/gpu-operator/latest/gpu-sharing.html',
  date: '2026-11',
};

/** Whoever shares a board in turn may take its memory first; null where nobody does. */
export function sharedMemoryWarning({ sharing, replicas, memoryBytes }: UnitFacts): Found | null {
  if (sharing !== 'time-slicing' || replicas === 1) return null;
  return found({
    rule: 'memory-shared',
    compatibility: 'native',
    message: `the device is shared by ${replicas ?? 'a number that is not known'} in turn, and memory is not reserved: what the others take is missing`,
    facts: {
      sharing,
      replicas: replicas === null ? null : String(replicas),
      memory: memoryBytes === null ? null : gibText(memoryBytes),
    },
    source: timeSlices,
    warning: true,
  });
}
