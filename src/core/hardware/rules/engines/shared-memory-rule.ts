import type { HardwareSection } from '../../../contract/contract.ts';
import type { ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import { formatBytes } from '../../../units/quantity/quantity-bytes.ts';
import type { ServiceDemands } from '../../compatibility.ts';
import {
  advisedShm,
  engineQueues,
  ncclSegments,
  sharedMemorySources,
  shmOfContainers,
  tritonVariable,
} from '../../tables/engines/shared-memory.ts';
import { ncclOf, type DeviceRule } from '../device-rules.ts';
import { contractSource, found, notKnown } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { partsOf } from '../packages/model-split-finding.ts';
import { hasNvLink, isBehindNvSwitch } from '../product-traits.ts';
import { distribution } from '../service-facts.ts';
import type { UnitFacts } from '../unit-facts.ts';
import { rowOf } from './published-runtimes.ts';

/**
 * Bytes of /dev/shm that a platform mounts for one replica. Null where what the container runtime gives is enough.
 *
 * | contract | devices | image | bytes |
 * |---|---|---|---|
 * | states a size | any | any | that size |
 * | states none | several | any | 1 GiB for each device |
 * | states none | one, or none | of Triton | 1 GiB |
 * | states none | one, or none | any other | null |
 */
export function shmSizeOf(
  hardware: Pick<HardwareSection, 'host' | 'devices'> | undefined,
  image: ImageFacts | null,
): number | null {
  const devices = hardware?.devices ?? 1;
  const isNeeded = devices > 1 || isTriton(image);
  return hardware?.host?.shmBytes ?? (isNeeded ? devices * advisedShm : null);
}

/** Its Python backend shares memory with a process for each instance of a model. */
const isTriton = (image: ImageFacts | null): boolean => image?.env[tritonVariable] !== undefined;

/**
 * Whether /dev/shm is as large as the processes of a replica need it. Null where nothing tells that they need any: no size in the
 * contract, neither NCCL with several devices nor Triton.
 *
 * | /dev/shm | answer |
 * |---|---|
 * | at least what the contract states, else 1 GiB | native |
 * | below what NCCL certainly maps, or an engine asks for before it starts (`leastOf`) | incompatible |
 * | below what the contract states | incompatible |
 * | between | unknown: whoever measured it states it in the contract |
 * | not read, and the platform mounts none | unknown |
 */
export function sharedMemoryRule(demands: ServiceDemands): DeviceRule | null {
  const { hardware, image, mountedShmBytes } = demands;
  const stated = hardware.host?.shmBytes;
  const nccl = hardware.devices > 1 && image !== null && ncclOf(image) !== null;
  const queue = engineQueueOf(demands);
  if (stated === undefined && !nccl && queue === null && !isTriton(image)) return null;
  const enough = stated ?? advisedShm;
  const given = ({ state }: UnitFacts): number | null => mountedShmBytes ?? state.shmBytes ?? null;
  const leastOf = (unit: UnitFacts): number =>
    Math.max(nccl ? leastOfNccl(unit, hardware.devices, image) : 0, queue?.row.bytes ?? 0);
  const decide = (unit: UnitFacts): Plain => {
    const bytes = given(unit);
    if (bytes === null) return 'unknown';
    if (bytes < leastOf(unit)) return 'incompatible';
    if (bytes >= enough) return 'native';
    return stated === undefined ? 'unknown' : 'incompatible';
  };
  return {
    facet: 'sharedMemory',
    decide,
    explain: (unit, decided) => {
      const bytes = given(unit);
      if (bytes === null)
        return notKnown('shared-memory', 'shmBytes', `a container has ${formatBytes(shmOfContainers)} by default`);
      const least = leastOf(unit);
      const isShort = bytes < least;
      const byQueue = queue !== null && least === queue.row.bytes;
      return found({
        rule: 'shared-memory',
        compatibility: decided,
        message:
          decided === 'native'
            ? `/dev/shm has ${formatBytes(bytes)}, and ${formatBytes(enough)} ${stated === undefined ? 'are advised' : 'are stated'}`
            : isShort
              ? `/dev/shm has ${formatBytes(bytes)}, and ${byQueue ? `${queue.says} asks for ${formatBytes(least)} free there` : `NCCL maps at least ${formatBytes(least)} there`} between ${hardware.devices} devices: it stops, or ends by a bus error`
              : stated === undefined
                ? `/dev/shm has ${formatBytes(bytes)}, and ${formatBytes(enough)} are advised: whether it is enough is not known`
                : `/dev/shm has ${formatBytes(bytes)}, and hardware.host.shmSize states ${formatBytes(enough)}`,
        facts: { shmBytes: String(bytes), devices: String(hardware.devices) },
        source: isShort
          ? byQueue
            ? queue.row.source
            : sharedMemorySources[image !== null && goesThroughHost(unit, image) ? 'segments' : 'behindSwitches']
          : stated === undefined
            ? sharedMemorySources.advised
            : contractSource,
        fix:
          decided === 'native'
            ? undefined
            : `${formatBytes(Math.max(least, enough))} at /dev/shm: hardware.host.shmSize on Kubernetes, --shm-size or --ipc=host with Docker`,
      });
    },
  };
}

interface EngineQueue {
  readonly row: (typeof engineQueues)[number];
  /** `vllm 0.27.0`. */
  readonly says: string;
}

/** The engine of the image that asks for room in /dev/shm, where it certainly divides the model over several processes. */
function engineQueueOf(demands: ServiceDemands): EngineQueue | null {
  const { image } = demands;
  if (image === null) return null;
  for (const row of engineQueues) {
    const text = distribution(image, [row.engine]);
    const version = versionOf(text);
    if (text === null || version === null || rowOf([row], version) === null) continue;
    if (image.env[row.unless] !== undefined) continue;
    if ((partsOf(row.engine, demands) ?? 1) > 1) return { row, says: `${row.engine} ${text}` };
  }
  return null;
}

/** Peers that do not reach each other exchange memory through the host, and so do all where the image says so. */
const goesThroughHost = (unit: UnitFacts, image: ImageFacts): boolean =>
  image.env['NCCL_P2P_DISABLE'] === '1' || (unit.state.peerAccess === 'none' && !hasNvLink(unit));

/**
 * Bytes that NCCL certainly maps; 0 where nothing is certain.
 *
 * | NCCL | devices exchange memory | bytes |
 * |---|---|---|
 * | before 2.24 | through the host | 2 segments for each device: 4 devices x 2 x 9,637,888 are 73.5 MiB |
 * | before 2.24 | behind NVSwitches | 1 for each: 8 x 7,340,384 are 56 MiB |
 * | before 2.24 | any other way | 0 |
 * | 2.24 or newer, or with segments of another size | any | 0 |
 */
function leastOfNccl(unit: UnitFacts, devices: number, image: ImageFacts): number {
  const { bytes, leastChannels, behindSwitches, before, unless } = ncclSegments;
  const version = versionOf(ncclOf(image));
  const isOlder = version !== null && compareVersions(version, versionOf(before) ?? []) < 0;
  if (!isOlder || unless.some((name) => image.env[name] !== undefined)) return 0;
  if (goesThroughHost(unit, image)) return devices * leastChannels * bytes;
  return isBehindNvSwitch(unit) ? devices * behindSwitches : 0;
}
