import { linkStateOf } from '../../core/pool/link-state.ts';
import type { DeviceState } from '../../core/pool/device-state.ts';
import type { LinkFacts } from '../../core/pool/node-facts.ts';
import type { NvmlQuestions } from './nvml-questions.ts';

/** nvmlGpuFabricState_t; a board without a fabric answers the first. */
const fabricStates: readonly DeviceState['fabric'][] = ['not-supported', 'not-started', 'in-progress', 'completed'];
/** nvmlDeviceGpuRecoveryAction_t. */
const recoveries: readonly DeviceState['recovery'][] = [
  'none',
  'gpu-reset',
  'node-reboot',
  'drain-p2p',
  'drain-and-reset',
];
/** nvmlComputeMode_t: default, exclusive thread (which drivers since 2013 treat as process), prohibited, exclusive process. */
const computeModes: readonly DeviceState['computeMode'][] = [
  undefined,
  'exclusive-process',
  'prohibited',
  'exclusive-process',
];
/** NVML_FI_DEV_GET_GPU_RECOVERY_ACTION, from driver 565 on. */
const recoveryField = 230;
/** NVML_NVLINK_MAX_LINKS. */
const mostLinks = 18;
/** nvmlGpuVirtualizationMode_t: the board of a virtual machine that was given a part of one. */
const virtualGpu = 2;

/** What the caller has read of the board already. */
interface BesideState {
  /** Current and pending mode; null where there is no ECC. */
  readonly ecc: readonly [number, number] | null;
  readonly link: LinkFacts | null;
  readonly throttleReasons: readonly string[] | null;
}

/** The state of one board; a fact that its driver does not tell is left out, and so is one that is as usual. */
export function readState(nvml: NvmlQuestions, handle: bigint, beside: BesideState): DeviceState {
  const computeMode = computeModes[numberOf(nvml.count('nvmlDeviceGetComputeMode', { handle })) ?? 0];
  const persistence = numberOf(nvml.count('nvmlDeviceGetPersistenceMode', { handle }));
  return {
    ...fabricOf(nvml, handle),
    ...present('recovery', recoveryOf(nvml, handle)),
    ...present('rowRemapping', rowRemappingOf(nvml, handle)),
    ...present('licence', licenceOf(nvml, handle)),
    ...present('nvlink', nvLinkOf(nvml, handle)),
    ...present('computeMode', computeMode),
    ...present('eccPending', eccPendingOf(beside.ecc)),
    ...present('link', linkStateOf(beside.link, beside.throttleReasons)),
    ...(persistence === 0 ? { persistence: 'off' as const } : {}),
  };
}

const present = <Name extends keyof DeviceState>(name: Name, value: DeviceState[Name] | undefined): DeviceState =>
  value === undefined ? {} : { [name]: value };

const numberOf = (told: ReturnType<NvmlQuestions['count']>): number | null => ('value' in told ? told.value : null);

/**
 * nvmlGpuFabricInfo_v2_t (36 bytes): version, UUID of the cluster, status at 20, clique, state at 28, health mask at 32. A
 * driver before 550 has the first form alone (28 bytes): status at 16, state at 24.
 */
function fabricOf(nvml: NvmlQuestions, handle: bigint): DeviceState {
  const second = nvml.struct('nvmlDeviceGetGpuFabricInfoV', handle, 36, (view) => {
    view.setUint32(0, 36 | (2 << 24), true);
  });
  if ('value' in second) {
    const state = fabricStateOf(second.value.getUint8(28), second.value.getUint32(20, true));
    const degraded = state === 'completed' && isDegraded(second.value.getUint32(32, true));
    return { ...present('fabric', state), ...(degraded ? { fabricHealth: 'degraded' as const } : {}) };
  }
  const first = nvml.struct('nvmlDeviceGetGpuFabricInfo', handle, 28);
  if ('reason' in first) return {};
  return present('fabric', fabricStateOf(first.value.getUint8(24), first.value.getUint32(16, true)));
}

function fabricStateOf(state: number, status: number): DeviceState['fabric'] | undefined {
  const named = fabricStates[state];
  return named === 'completed' && status !== 0 ? 'failed' : named;
}

/** Two bits for each kind of trouble, of which 1 is yes: less bandwidth, recovery of routes, unhealthy routes. */
const isDegraded = (mask: number): boolean => [0, 2, 4].some((shift) => ((mask >> shift) & 3) === 1);

/**
 * Whether boards in confidential mode take work; undefined where the driver has no such mode. nvmlConfComputeSystemState_t: environment,
 * feature (0 is off), developer tools. The mode is one of the machine.
 */
export function readConfidential(nvml: NvmlQuestions): DeviceState['confidential'] {
  const state = nvml.words('nvmlSystemGetConfComputeState', 3);
  if ('reason' in state) return undefined;
  if (state.value[1] === 0) return 'off';
  const ready = numberOf(nvml.count('nvmlSystemGetConfComputeGpusReadyState'));
  return ready === null ? undefined : ready === 0 ? 'not-ready' : 'ready';
}

/** nvmlFieldValue_t (40 bytes): field, scope, two times, type at 24, answer at 28, value at 32. */
function recoveryOf(nvml: NvmlQuestions, handle: bigint): DeviceState['recovery'] | undefined {
  const told = nvml.field(handle, recoveryField);
  return 'value' in told ? recoveries[told.value] : undefined;
}

function rowRemappingOf(nvml: NvmlQuestions, handle: bigint): DeviceState['rowRemapping'] | undefined {
  const told = nvml.four('nvmlDeviceGetRemappedRows', handle);
  if ('reason' in told) return undefined;
  const [, , pending, failed] = told.value;
  return failed !== 0 ? 'failed' : pending !== 0 ? 'pending' : 'none';
}

/** nvmlGridLicensableFeatures_t: supported, count, then features of 284 bytes with their state at 4; null on other boards. */
function licenceOf(nvml: NvmlQuestions, handle: bigint): DeviceState['licence'] | undefined {
  if (numberOf(nvml.count('nvmlDeviceGetVirtualizationMode', { handle })) !== virtualGpu) return undefined;
  const told = nvml.struct('nvmlDeviceGetGridLicensableFeatures_v4', handle, 860);
  if ('reason' in told || told.value.getInt32(0, true) === 0) return undefined;
  const count = Math.min(told.value.getUint32(4, true), 3);
  const states = Array.from({ length: count }, (_, at) => told.value.getUint32(8 + at * 284 + 4, true));
  return states.some((state) => state !== 0) ? 'licensed' : 'unlicensed';
}

/** `active` where any link is; links that the board does not have are no answer. */
function nvLinkOf(nvml: NvmlQuestions, handle: bigint): DeviceState['nvlink'] | undefined {
  const links: number[] = [];
  for (let link = 0; link < mostLinks; link += 1) {
    const told = nvml.count('nvmlDeviceGetNvLinkState', { handle }, { uint: link });
    if ('reason' in told) break;
    links.push(told.value);
  }
  return links.length === 0 ? undefined : links.some((active) => active === 1) ? 'active' : 'inactive';
}

function eccPendingOf(ecc: BesideState['ecc']): DeviceState['eccPending'] | undefined {
  if (ecc === null || ecc[0] === ecc[1]) return undefined;
  return ecc[1] === 1 ? 'on' : 'off';
}

/**
 * Whether each board reaches the memory of all others, in their order; undefined where there is one, or some pairs differ.
 * nvmlGpuP2PCapsIndex_t 0 is reading, nvmlGpuP2PStatus_t 0 is yes.
 */
export function readPeerAccess(nvml: NvmlQuestions, handles: readonly bigint[]): readonly DeviceState['peerAccess'][] {
  return handles.map((handle) => {
    const told = handles
      .filter((other) => other !== handle)
      .map((other) => numberOf(nvml.count('nvmlDeviceGetP2PStatus', { handle }, { handle: other }, { uint: 0 })));
    if (told.length === 0 || told.includes(null)) return undefined;
    return told.every((status) => status === 0) ? 'ok' : told.includes(0) ? undefined : 'none';
  });
}
