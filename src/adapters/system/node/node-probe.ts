import { existsSync } from 'node:fs';
import { listOrNone } from '../../../core/diagnosis/readings/node-snapshot.ts';
import type { DeviceState } from '../../../core/pool/device-state.ts';
import type { DeviceFacts, NodeFacts } from '../../../core/pool/node-facts.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { NodeProbe } from '../../../ports/nodes/node-probe.ts';
import { readMachineParts } from './cpu-facts.ts';
import { readDriverBoards } from './driver-boards.ts';
import { completeDevice, type Surroundings } from './complete-device.ts';
import { readHandedOut } from './handed-out.ts';
import type { NodeRoots } from './node-roots.ts';
import { readCdiSpec } from '../machine-state/cdi-spec.ts';
import { containerPlaces, readContainerDevices, type ContainerPlaces } from '../machine-state/container-devices.ts';
import { hasForeignLibrary, wslFolders, type WslFolders } from '../machine-state/foreign-library.ts';
import { isMachineItself } from '../machine-state/own-machine.ts';
import { readMachineState } from '../machine-state/read-machine-state.ts';
import { readNumaNodes } from '../readings/read-numa.ts';
import { readNvidiaTraces } from './nvidia-traces.ts';
import type { RecordedPreflight } from '../../../ports/nodes/preflight-record.ts';
import { readShmBytes } from './shared-memory.ts';
import { fewerThanOnTheBus, onTheBus, unlistedBoards } from './bus-boards.ts';
import { readPciDevices } from './pci-devices.ts';

/** What one source tells of the accelerators; tried in order until one answers. */
export type DeviceReader = (signal: AbortSignal) => Promise<
  | {
      readonly kind: 'read';
      readonly source: 'nvml' | 'nvidia-smi';
      readonly devices: readonly DeviceFacts[];
      readonly incomplete: string | null;
      readonly withPrivilege: readonly string[];
    }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      /** The libraries of the driver are of another version than its kernel module. */
      readonly mismatch?: true;
    }
>;

export interface NodeProbeParts {
  readonly roots: NodeRoots;
  readonly hostName: string;
  /** PATH; left out where no program is looked for. */
  readonly searchPath?: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly deviceReaders: readonly DeviceReader[];
  /** What the last active preflight of these devices measured; left out where records are not looked at. */
  readonly preflight?: (devices: readonly DeviceFacts[] | null) => Promise<RecordedPreflight>;
  /** Folders of specifications of CDI where the container toolkit names no others; left out where none are looked at. */
  readonly cdiFolders?: readonly string[];
  /** Whether containers may call `clone3`; left out where nobody is asked. */
  readonly clone3?: (signal: AbortSignal) => Promise<DeviceState['clone3'] | null>;
  /** Where a WSL holds libraries of drivers; those of this machine where it is left out. */
  readonly wslFolders?: WslFolders;
  /** Those of this machine where it is left out. */
  readonly containerPlaces?: ContainerPlaces;
  readonly containerToolkit: (signal: AbortSignal) => Promise<
    (
      | {
          readonly version: string;
          readonly mode?: NonNullable<DeviceState['containerRuntime']>;
          readonly noCgroups?: boolean;
          readonly hasUser?: boolean;
          readonly cdiFolders?: readonly string[];
        }
      | { readonly reason: string }
    ) & { readonly defect?: 'missing' | 'broken' }
  >;
}

/**
 * Facts of this machine: devices from the driver, completed from the PCI bus; CPU, memory and kernel from /proc. A machine
 * without a GPU is a machine with facts, and not an error.
 */
export function makeNodeProbe(parts: NodeProbeParts): NodeProbe {
  return {
    async probe(signal) {
      const places = parts.containerPlaces ?? containerPlaces;
      const [machine, pci, traces, handedOut, toolkit, cores, shmBytes, state, clone3, isOwn] = await Promise.all([
        readMachineParts(parts.roots),
        readPciDevices(parts.roots),
        readNvidiaTraces(parts.roots),
        readHandedOut(parts.roots),
        parts.containerToolkit(signal),
        // What this process may use is what the replicas that it starts may use.
        readNumaNodes(parts.roots, [{ role: 'replica', pid: process.pid }]),
        readShmBytes(parts.roots),
        readMachineState(parts.roots, parts.searchPath ?? ''),
        // A kubelet starts its containers elsewhere.
        existsSync(places.kubelet) ? null : (parts.clone3?.(signal) ?? null),
        isMachineItself(parts.roots),
      ]);
      const runtime = {
        mode: 'version' in toolkit ? toolkit.mode : undefined,
        version: 'version' in toolkit ? toolkit.version : null,
        noCgroups: 'version' in toolkit ? toolkit.noCgroups : undefined,
        hasUser: 'version' in toolkit ? toolkit.hasUser : undefined,
        defect: toolkit.defect ?? null,
        isRoot: process.getuid?.() === 0,
      };
      const cdiSpec = await readCdiSpec(
        ('version' in toolkit ? toolkit.cdiFolders : undefined) ?? parts.cdiFolders ?? [],
        traces.moduleVersion,
        isOwn && !existsSync(places.kubelet),
      );
      const containerDevices = await readContainerDevices(
        parts.roots,
        { ...runtime, hasCdi: cdiSpec === undefined ? null : cdiSpec !== 'missing' },
        places,
        isOwn,
      );
      const isForeign = state.host === 'wsl' && (await hasForeignLibrary(parts.wslFolders ?? wslFolders));
      const accelerators = await readAccelerators(
        parts.deviceReaders,
        {
          pci,
          traces,
          handedOut,
          mode: runtime.mode,
          machineBytes: machine.memoryBytes,
          machineState: {
            ...state,
            ...(containerDevices === undefined ? {} : { containerDevices }),
            ...(cdiSpec === undefined ? {} : { cdiSpec }),
            ...(clone3 === null || clone3 === undefined ? {} : { clone3 }),
          },
          numaNodes: listOrNone(cores),
          shmBytes,
          isOwn,
          isForeign,
          readBoards: (driver, because) => readDriverBoards(parts.roots, driver, because),
        },
        signal,
      );
      const unknown: Record<string, string> = { ...machine.unknown };
      if ('reason' in toolkit) unknown['containerToolkit'] = toolkit.reason;
      if (accelerators.reason !== null) unknown['devices'] = accelerators.reason;
      const recorded = (await parts.preflight?.(accelerators.devices)) ?? null;
      if (recorded !== null && 'reason' in recorded) unknown['preflight'] = recorded.reason;
      const facts: NodeFacts = {
        name: parts.hostName,
        source: accelerators.source,
        takenAtMs: parts.clock.nowMs(),
        labels: {},
        allocatable: {},
        cpu: machine.cpu,
        memoryBytes: machine.memoryBytes,
        kernel: machine.kernel,
        containerToolkit: 'version' in toolkit ? toolkit.version : null,
        devices: accelerators.devices,
        ...(accelerators.unlisted.length === 0 ? {} : { unlisted: accelerators.unlisted }),
        ...(recorded !== null && 'preflight' in recorded ? { preflight: recorded.preflight } : {}),
        unknown,
      };
      return { facts, withPrivilege: accelerators.withPrivilege };
    },
  };
}

interface Accelerators {
  readonly source: NodeFacts['source'];
  readonly devices: readonly DeviceFacts[] | null;
  /** Why `devices` is null or may lack some; null when it is whole. */
  readonly reason: string | null;
  /** What the bus of the machine itself shows and its driver does not list (see `NodeFacts`). */
  readonly unlisted: readonly string[];
  readonly withPrivilege: readonly string[];
}

/** What the machine shows beside its driver, and how the boards of its kernel module are read. */
interface Machine extends Surroundings {
  /** See `readDriverBoards`. */
  readonly readBoards: (driver: string, because: string) => Promise<readonly DeviceFacts[] | null>;
}

async function readAccelerators(
  readers: readonly DeviceReader[],
  around: Machine,
  signal: AbortSignal,
): Promise<Accelerators> {
  const failures: string[] = [];
  let mismatch = false;
  for (const read of readers) {
    const reading = await read(signal);
    if (reading.kind === 'failed') {
      failures.push(reading.reason);
      mismatch ||= reading.mismatch === true;
      continue;
    }
    const { source, withPrivilege } = reading;
    const devices = reading.devices.map((device) => completeDevice(device, around));
    if (reading.incomplete === null && around.isOwn) {
      return { source, devices, reason: null, unlisted: unlistedBoards(devices, around.pci), withPrivilege };
    }
    const fewer = fewerThanOnTheBus(devices.length, around.pci);
    const reasons = [reading.incomplete, fewer].filter((reason) => reason !== null);
    // A driver that lists nothing beside a board on the bus has not told that there is none.
    const silent = devices.length === 0 && reasons.length > 0;
    return {
      source,
      devices: silent ? null : devices,
      reason: reasons.length === 0 ? null : reasons.join('; '),
      unlisted: [],
      withPrivilege,
    };
  }
  // A module that libraries do not match is loaded, whatever /proc shows.
  const without = withoutDriver({ ...around, isOwn: around.isOwn && !mismatch }, failures);
  return mismatch && around.isOwn ? withBoards(without, around, failures) : without;
}

/** Boards of a driver whose libraries do not match its kernel module: nothing runs on them, and little is known of them. */
async function withBoards(without: Accelerators, around: Machine, failures: readonly string[]): Promise<Accelerators> {
  const { moduleVersion } = around.traces;
  const boards = moduleVersion === null ? null : await around.readBoards(moduleVersion, failures.join('; '));
  if (boards === null) return without;
  const devices = boards.map((board) => completeDevice({ ...board, state: { driverLibrary: 'mismatch' } }, around));
  return { ...without, devices };
}

/**
 * None is there only where the whole bus was seen, and nothing else hints at one:
 *
 * | bus | kernel module, device file, Tegra | devices |
 * |---|---|---|
 * | listed, no NVIDIA device | none | none |
 * | listed, no NVIDIA device | some | not known |
 * | listed, an NVIDIA device | none, on the machine itself | none: the bus shows boards that no driver drives |
 * | listed, an NVIDIA device | some, or in a container | not known: what the bus says is in the reason |
 * | not listed | any | not known |
 */
function withoutDriver({ pci, traces, isOwn }: Surroundings, failures: readonly string[]): Accelerators {
  const seen = 'devices' in pci ? pci.devices : null;
  const isWithout = traces.moduleVersion === null && traces.otherTrace === null;
  if (seen !== null && isWithout && (seen.length === 0 || (isOwn && traces.isModuleAbsent))) {
    return { source: 'proc', devices: [], reason: null, unlisted: unlistedBoards([], pci), withPrivilege: [] };
  }
  const onBus = seen === null ? null : seen.length === 0 ? null : onTheBus(seen);
  const reasons = [
    traces.moduleVersion === null
      ? `no NVIDIA driver is loaded: ${traces.moduleReason ?? 'its version is not told'}`
      : `the NVIDIA driver ${traces.moduleVersion} is loaded and cannot be asked`,
    ...failures,
    onBus,
    'reason' in pci ? pci.reason : null,
    traces.otherTrace,
  ].filter((reason) => reason !== null);
  return { source: 'proc', devices: null, reason: reasons.join('; '), unlisted: [], withPrivilege: [] };
}
