import type { MigFacts, MigInstance } from '../../core/pool/node-facts.ts';
import { boardOf } from '../../formats/nvidia-smi-xml/boards.ts';
import { noPermission, notFound, notSupported } from './nvml-library.ts';
import type { NvmlQuestions } from './nvml-questions.ts';

const mebibyte = 1024 * 1024;
const mostInstances = 64;

/** Why a fact is null, by its name. */
export type Unknown = Record<string, string>;

/**
 * MIG of one board. Profiles are in the names of MIG devices (`NVIDIA A100-SXM4-40GB MIG 1g.5gb`); where an instance lies
 * on the board NVML tells to root only.
 */
export function readMig(
  nvml: NvmlQuestions,
  device: bigint,
  pciDeviceId: string | null,
  unknown: Unknown,
): { readonly mig: MigFacts | null; readonly placementsNeedRoot: boolean } {
  const mode = nvml.pair('nvmlDeviceGetMigMode', device);
  if ('reason' in mode) {
    if (mode.code !== notSupported) {
      unknown['mig'] = mode.reason;
      return { mig: null, placementsNeedRoot: false };
    }
    const capable = boardOf(pciDeviceId)?.mig === false ? false : null;
    if (capable === null) unknown['mig.capable'] = mode.reason;
    return { mig: { capable, enabled: false, instances: [] }, placementsNeedRoot: false };
  }
  const [current] = mode.value;
  if (current > 1) {
    unknown['mig'] = `nvmlDeviceGetMigMode says ${current}, which is neither on nor off`;
    return { mig: null, placementsNeedRoot: false };
  }
  if (current === 0) return { mig: { capable: true, enabled: false, instances: [] }, placementsNeedRoot: false };
  const read = readInstances(nvml, device, unknown);
  return {
    mig: { capable: true, enabled: true, instances: read.instances },
    placementsNeedRoot: read.placementsNeedRoot,
  };
}

function readInstances(
  nvml: NvmlQuestions,
  device: bigint,
  unknown: Unknown,
): { readonly instances: readonly MigInstance[]; readonly placementsNeedRoot: boolean } {
  const most = nvml.count('nvmlDeviceGetMaxMigDeviceCount', { handle: device });
  if ('reason' in most) {
    unknown['mig.instances'] = most.reason;
    return { instances: [], placementsNeedRoot: false };
  }
  const instances: MigInstance[] = [];
  let placementsNeedRoot = false;
  for (let index = 0; index < Math.min(most.value, mostInstances); index += 1) {
    const handle = nvml.handle('nvmlDeviceGetMigDeviceHandleByIndex', { handle: device }, { uint: index });
    if ('reason' in handle) {
      if (handle.code !== notFound) unknown['mig.instances'] = handle.reason;
      continue;
    }
    const placement = readPlacement(nvml, device, handle.value, unknown);
    placementsNeedRoot ||= placement.needsRoot;
    instances.push({ ...readInstance(nvml, handle.value, unknown), placement: placement.placement });
  }
  return { instances, placementsNeedRoot };
}

function readInstance(nvml: NvmlQuestions, handle: bigint, unknown: Unknown): Omit<MigInstance, 'placement'> {
  const name = nvml.text('nvmlDeviceGetName', { handle });
  const profile = 'value' in name ? /\bMIG (\S+)$/.exec(name.value)?.[1] : undefined;
  if ('reason' in name) unknown['mig.instances.profile'] = name.reason;
  else if (profile === undefined) unknown['mig.instances.profile'] = `the name reads ${JSON.stringify(name.value)}`;
  const uuid = nvml.text('nvmlDeviceGetUUID', { handle });
  if ('reason' in uuid) unknown['mig.instances.uuid'] = uuid.reason;
  const attributes = nvml.struct('nvmlDeviceGetAttributes_v2', handle, 40);
  if ('reason' in attributes) {
    unknown['mig.instances.memoryBytes'] = attributes.reason;
    unknown['mig.instances.multiprocessors'] = attributes.reason;
  }
  return {
    profile: profile ?? null,
    uuid: 'value' in uuid ? uuid.value : null,
    memoryBytes: 'value' in attributes ? Number(attributes.value.getBigUint64(32, true)) * mebibyte : null,
    multiprocessors: 'value' in attributes ? attributes.value.getUint32(0, true) : null,
  };
}

/** nvmlGpuInstanceInfo_t: device (8 bytes), id, profile, and the placement's start and size in memory slices. */
function readPlacement(
  nvml: NvmlQuestions,
  device: bigint,
  instance: bigint,
  unknown: Unknown,
): { readonly placement: MigInstance['placement']; readonly needsRoot: boolean } {
  const none = (answer: { readonly code: number | null; readonly reason: string }) => {
    unknown['mig.instances.placement'] = answer.reason;
    return { placement: null, needsRoot: answer.code === noPermission };
  };
  const id = nvml.count('nvmlDeviceGetGpuInstanceId', { handle: instance });
  if ('reason' in id) return none(id);
  const gpuInstance = nvml.handle('nvmlDeviceGetGpuInstanceById', { handle: device }, { uint: id.value });
  if ('reason' in gpuInstance) return none(gpuInstance);
  const info = nvml.struct('nvmlGpuInstanceGetInfo', gpuInstance.value, 24);
  if ('reason' in info) return none(info);
  return {
    placement: { start: info.value.getUint32(16, true), size: info.value.getUint32(20, true) },
    needsRoot: false,
  };
}
