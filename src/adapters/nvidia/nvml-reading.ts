import type { DeviceState } from '../../core/pool/device-state.ts';
import type { DeviceFacts } from '../../core/pool/node-facts.ts';
import { libraryNotFound, openNvmlLibrary, versionMismatch, type NvmlLibrary } from './nvml-library.ts';
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
  | {
      readonly kind: 'failed';
      readonly reason: string;
      /** The libraries of the driver are of another version than its kernel module. */
      readonly mismatch?: true;
    };

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
  return readLibrary(library);
}

/** What the driver behind a library tells. */
export function readLibrary(library: NvmlLibrary): NvmlReading {
  const nvml = new NvmlQuestions(library);
  const started = nvml.plain('nvmlInit_v2');
  if ('reason' in started) return notStarted(started);
  try {
    return readDevices(nvml);
  } finally {
    nvml.plain('nvmlShutdown');
  }
}

function notStarted({ code, reason }: { readonly code: number | null; readonly reason: string }): NvmlReading {
  if (code !== versionMismatch) return { kind: 'failed', reason };
  const advice = "the driver's libraries were upgraded and the old kernel module is still loaded";
  return { kind: 'failed', reason: `${reason}: ${advice}`, mismatch: true };
}

function readDevices(nvml: NvmlQuestions): NvmlReading {
  const count = nvml.count('nvmlDeviceGetCount_v2');
  if ('reason' in count) return { kind: 'failed', reason: count.reason };
  const { driverLibrary, ...driver } = readDriver(nvml);
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
    devices: devices.map((device, at) => withState(device, { peerAccess: peers[at], confidential, driverLibrary })),
    missing: missing.length === 0 ? null : missing.join('; '),
    placementsNeedRoot,
  };
}

function withState(
  device: DeviceFacts,
  read: { readonly [Name in 'peerAccess' | 'confidential' | 'driverLibrary']: DeviceState[Name] | undefined },
): DeviceFacts {
  const told = Object.entries(read).filter(([, value]) => value !== undefined);
  return told.length === 0 ? device : { ...device, state: { ...device.state, ...Object.fromEntries(told) } };
}

/** CUDA is 12080 for 12.8. NVML opens libcuda.so.1 to ask for it. */
function readDriver(
  nvml: NvmlQuestions,
): DriverFacts & { readonly driverLibrary: DeviceState['driverLibrary'] | undefined } {
  const unknown: Record<string, string> = {};
  const version = nvml.text('nvmlSystemGetDriverVersion');
  if ('reason' in version) unknown['driver'] = version.reason;
  const cuda = nvml.count('nvmlSystemGetCudaDriverVersion_v2');
  if ('reason' in cuda) unknown['driverCuda'] = cuda.reason;
  return {
    driver: 'value' in version ? version.value : null,
    driverCuda: 'value' in cuda ? `${Math.floor(cuda.value / 1000)}.${Math.floor((cuda.value % 1000) / 10)}` : null,
    unknown,
    driverLibrary: 'reason' in cuda && cuda.code === libraryNotFound ? 'missing' : undefined,
  };
}
