import type { Sharing } from '../contract/contract.ts';
import type { DeviceState } from './device-state.ts';
import type { Preflight } from './preflight/preflight.ts';

/**
 * What is known of a node that a service may land on. A fact that its source does not tell is null, and `unknown` says
 * why by the name of the field: a missing fact is never a zero, and never a pass.
 */
export interface NodeFacts {
  readonly name: string;
  readonly source: FactsSource;
  /** When the facts were true; null where the source does not say. */
  readonly takenAtMs: number | null;
  /** Kubernetes labels, for selectors and affinity; empty elsewhere. */
  readonly labels: Readonly<Record<string, string>>;
  /** Kubernetes allocatable resources that name an accelerator: `{ "nvidia.com/gpu": 8 }`; empty elsewhere. */
  readonly allocatable: Readonly<Record<string, number>>;
  readonly cpu: CpuFacts | null;
  readonly memoryBytes: number | null;
  /** Kernel release: `6.8.0-45-generic`. */
  readonly kernel: string | null;
  readonly containerToolkit: string | null;
  /** Accelerators; empty when there is none, null when it is not known. */
  readonly devices: readonly DeviceFacts[] | null;
  /**
   * Boards that the PCI bus of the machine itself shows and its driver does not list, one text each: no container gets them. Left out where there is none, and
   * where a container was asked, which may see fewer boards than its machine has.
   */
  readonly unlisted?: readonly string[];
  /** What the last active preflight measured, and no reboot has followed; left out where there was none. */
  readonly preflight?: Preflight;
  /** Name of a field of this object to the reason why it is null or incomplete. */
  readonly unknown: Readonly<Record<string, string>>;
}

/** Where facts come from. `node-labels` and `declared` tell the least; `resource-slice` is DRA. */
export type FactsSource = 'nvml' | 'nvidia-smi' | 'resource-slice' | 'node-labels' | 'declared' | 'proc';

export interface CpuFacts {
  /** As Node says it: `x64`, `arm64`. */
  readonly architecture: string;
  readonly model: string | null;
  readonly cores: number | null;
  /** Flags of /proc/cpuinfo in lower case (`avx2`, `avx512f`, `asimd`); null when not known. */
  readonly features: readonly string[] | null;
}

/** One accelerator as a whole board; its MIG instances are in `mig`. */
export interface DeviceFacts {
  readonly index: number | null;
  readonly uuid: string | null;
  /** Product as the driver names it: `NVIDIA A100-SXM4-40GB`. */
  readonly product: string | null;
  /** `nvidia`, `tesla`, `geforce`, `titan`, `quadro-rtx`, ... in lower case with dashes, as the driver names it. */
  readonly brand: string | null;
  /** `Ampere`. */
  readonly architecture: string | null;
  /** Device and vendor as nvidia-smi writes it, upper case: `0x20B010DE`. */
  readonly pciDeviceId: string | null;
  readonly pciBusId: string | null;
  /** `8.0`. */
  readonly computeCapability: string | null;
  /** Memory of the whole board. */
  readonly memoryBytes: number | null;
  readonly reservedBytes: number | null;
  /** `570.148.08`; numbers compare, so that `570.148.8` is the same. */
  readonly driver: string | null;
  /** Largest CUDA version that the driver speaks: `12.8`. Read, never inferred from the driver's number. */
  readonly driverCuda: string | null;
  readonly mig: MigFacts | null;
  /** How the device is handed out; null when not known. */
  readonly sharing: Sharing | null;
  /** As how many a shared device is handed out; left out where it is not shared, or nothing tells it. */
  readonly replicas?: number;
  readonly eccEnabled: boolean | null;
  readonly numaNode: number | null;
  readonly link: LinkFacts | null;
  readonly powerLimitWatts: number | null;
  /** Active reasons for reduced clocks, as the driver names them; empty when none. */
  readonly throttleReasons: readonly string[] | null;
  /** What state the device and its node are in; left out where nothing of it was read. */
  readonly state?: DeviceState;
  /** `node`: known only from labels of a node that holds several kinds of device, so not certain of this one. */
  readonly certainty: 'device' | 'node' | 'declared';
  readonly unknown: Readonly<Record<string, string>>;
}

/** PCIe; an idle link lowers its generation, so only the maxima are facts of the hardware. */
export interface LinkFacts {
  readonly generation: number | null;
  readonly maxGeneration: number | null;
  readonly width: number | null;
  readonly maxWidth: number | null;
}

export interface MigFacts {
  /** Null when the source does not tell; false on boards without MIG. */
  readonly capable: boolean | null;
  readonly enabled: boolean;
  readonly instances: readonly MigInstance[];
}

export interface MigInstance {
  /** `1g.10gb`, `1g.10gb+me`; null when the source does not name it. */
  readonly profile: string | null;
  readonly uuid: string | null;
  readonly memoryBytes: number | null;
  readonly multiprocessors: number | null;
  /** Memory slices of the board; null when the source does not tell. */
  readonly placement: { readonly start: number; readonly size: number } | null;
}
