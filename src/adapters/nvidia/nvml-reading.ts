import type { DeviceState } from '../../core/pool/device-state.ts';
import type { DeviceFacts } from '../../core/pool/node-facts.ts';
import { openNvmlLibrary, type NvmlLibrary } from './nvml-library.ts';
import { readDevice, type DriverFacts } from './nvml-device.ts';
import { readConfidential, readPeerAccess } from './nvml-state.ts';
import { NvmlQuestions } from './nvml-questions.ts';

/** Everything that NVML tells of this machine, or why it tells nothing. */
export type NvmlReading =
  | {
      readonly kind: 'read';
      readonly devices: readonly DeviceFacts[];
      /** Why boards are missing; null when none is. */
      readonly missing: string | null;
      readonly placementsNeedRoot: boolean;
    }
  | { readonly kind: 'failed'; readonly reason: string };

const mostDevices = 256;

/** Blocks while the driver answers, which a sick board can make very long: see `readNvml`, which bounds it. */
export async function readNvmlHere(file: string): Promise<NvmlReading> {
  let library: NvmlLibrary;
  try {
    library = await openNvmlLibrary(file);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const absent = /cannot open shared object file|no such file|image not found/i.test(message);
    return { kind: 'failed', reason: absent ? `there is no ${file}` : `${file} cannot be loaded: ${message}` };
  }
  const nvml = new NvmlQuestions(library);
  const started = nvml.plain('nvmlInit_v2');
  if ('reason' in started) return { kind: 'failed', reason: withAdvice(started.reason) };
  try {
    return readDevices(nvml);
  } finally {
    nvml.plain('nvmlShutdown');
  }
}

function withAdvice(reason: string): string {
  if (!reason.endsWith('LIB_RM_VERSION_MISMATCH')) return reason;
  return `${reason}: the driver's libraries were upgraded and the old kernel module is still loaded`;
}

function readDevices(nvml: NvmlQuestions): NvmlReading {
  const count = nvml.count('nvmlDeviceGetCount_v2');
  if ('reason' in count) return { kind: 'failed', reason: count.reason };
  const driver = readDriver(nvml);
  const devices: DeviceFacts[] = [];
  const handles: bigint[] = [];
  const missing: string[] = [];
  let placementsNeedRoot = false;
  for (let index = 0; index < Math.min(count.value, mostDevices); index += 1) {
    const handle = nvml.handle('nvmlDeviceGetHandleByIndex_v2', { uint: index });
    if ('reason' in handle) {
      missing.push(`GPU ${index}: ${handle.reason}`);
      continue;
    }
    const read = readDevice(nvml, handle.value, index, driver);
    devices.push(read.device);
    handles.push(handle.value);
    placementsNeedRoot ||= read.placementsNeedRoot;
  }
  const peers = readPeerAccess(nvml, handles);
  const confidential = readConfidential(nvml);
  return {
    kind: 'read',
    devices: devices.map((device, at) => withState(device, peers[at], confidential)),
    missing: missing.length === 0 ? null : missing.join('; '),
    placementsNeedRoot,
  };
}

function withState(
  device: DeviceFacts,
  peerAccess: DeviceState['peerAccess'],
  confidential: DeviceState['confidential'],
): DeviceFacts {
  if (peerAccess === undefined && confidential === undefined) return device;
  const state = {
    ...device.state,
    ...(peerAccess === undefined ? {} : { peerAccess }),
    ...(confidential === undefined ? {} : { confidential }),
  };
  return { ...device, state };
}

/** CUDA is 12080 for 12.8. */
function readDriver(nvml: NvmlQuestions): DriverFacts {
  const unknown: Record<string, string> = {};
  const version = nvml.text('nvmlSystemGetDriverVersion');
  if ('reason' in version) unknown['driver'] = version.reason;
  const cuda = nvml.count('nvmlSystemGetCudaDriverVersion_v2');
  if ('reason' in cuda) unknown['driverCuda'] = cuda.reason;
  return {
    driver: 'value' in version ? version.value : null,
    driverCuda: 'value' in cuda ? `${Math.floor(cuda.value / 1000)}.${Math.floor((cuda.value % 1000) / 10)}` : null,
    unknown,
  };
}
