/**
 * What state a device, and the node around it, is in. A fact that nobody read is left out. Sources: nvidia-smi -q -x, NVML,
 * /proc/driver/nvidia/version, the groups of the IOMMU in /sys, and whoever states the mode of the container runtime.
 */
export interface DeviceState {
  /** Registration with the NVSwitch fabric; `not-supported` on boards without one. */
  readonly fabric?: 'completed' | 'in-progress' | 'not-started' | 'failed' | 'not-supported';
  /** Of a fabric that is up; left out where it is healthy. */
  readonly fabricHealth?: 'degraded';
  /** Flavour of the kernel module that drives the device. */
  readonly kernelModule?: 'open' | 'proprietary';
  /** Of a virtual GPU. */
  readonly licence?: 'licensed' | 'unlicensed';
  /** `translating`: the IOMMU translates what devices send each other. */
  readonly iommu?: 'off' | 'passthrough' | 'translating';
  /** What the driver asks for before the device is used again. */
  readonly recovery?: 'none' | 'gpu-reset' | 'node-reboot' | 'drain-p2p' | 'drain-and-reset';
  /** `pending` rows are remapped at the next reset; `failed`: no spare row was left. */
  readonly rowRemapping?: 'none' | 'pending' | 'failed';
  /**
   * How the container runtime hands devices in: `legacy` checks the require string of an image, the others do not.
   * `unchecked` is legacy with `disable-require`.
   */
  readonly containerRuntime?: 'legacy' | 'unchecked' | 'cdi' | 'jit-cdi' | 'csv';
  /** Who may open a context: one process alone, or nobody. Left out where everybody may. */
  readonly computeMode?: 'exclusive-process' | 'prohibited';
  /** Whether boards reach each other's memory over PCIe, as the driver says; of a board with peers. */
  readonly peerAccess?: 'ok' | 'none';
  /** Links of NVLink; left out where the board has none. */
  readonly nvlink?: 'active' | 'inactive';
  /** What becomes of ECC at the next reset; left out where nothing changes. */
  readonly eccPending?: 'on' | 'off';
  /** PCIe of a board that works: fewer lanes than it has, or an older generation. Left out where neither. */
  readonly link?: 'narrow' | 'slow';
  /** Left out where the driver stays loaded without a client. */
  readonly persistence?: 'off';
  /** Every core that replicas may use is on another NUMA node than the board. Left out where one is not. */
  readonly numa?: 'remote';
  /** Confidential computing: a board that is not ready takes no work. */
  readonly confidential?: 'off' | 'ready' | 'not-ready';
  /** Unified memory of a virtual GPU, which its host turns on; left out of other boards. */
  readonly unifiedMemory?: 'on' | 'off';
  /** Size of /dev/shm where the facts were taken: of the node, or of the container that was asked. */
  readonly shmBytes?: number;
  /**
   * The library of CUDA that the driver brings (`libcuda.so.1`) on the machine itself: whether it is there, and of the version of the kernel module that is
   * loaded. `foreign`: the Linux of a WSL holds one of a driver for Linux beside that of Windows.
   */
  readonly driverLibrary?: 'match' | 'mismatch' | 'missing' | 'foreign';
  /** Whether the kernel module `nvidia_uvm` is loaded. */
  readonly uvm?: 'loaded' | 'missing';
  /**
   * Whether a container keeps the devices that it was given. `until-reload`: systemd holds its control group, and was not told of them.
   * `withheld`: the container runtime allows none. `unsupported`: it does not know the control groups of the node, and starts no container.
   * `partial`: under WSL it leaves out a library that newer drivers of Windows need. `no-toolkit`: Docker is there, and no container toolkit.
   * `broken`: its program does not work on the node. `closed`: it opens the device files as a user who may not. `other-runtime`: pods are started by
   * another runtime than that of NVIDIA, unless they name its class. `untold-runtime`: containerd does not know that of NVIDIA either.
   */
  readonly containerDevices?:
    | 'kept'
    | 'until-reload'
    | 'withheld'
    | 'unsupported'
    | 'partial'
    | 'no-toolkit'
    | 'broken'
    | 'closed'
    | 'other-runtime'
    | 'untold-runtime';
  /** NVSwitches that the driver lists: `unmanaged` where no Fabric Manager runs. */
  readonly nvSwitches?: 'managed' | 'unmanaged' | 'none';
  /** Whether the specification of CDI names files of the driver that is loaded; `missing` where there is none at all. */
  readonly cdiSpec?: 'current' | 'stale' | 'missing';
  /** Whether programs in a container may call `clone3`, by which newer versions of glibc start threads. */
  readonly clone3?: 'allowed' | 'refused';
  /** A Linux of the Windows Subsystem, whose driver is that of Windows; left out elsewhere. */
  readonly host?: 'wsl';
  /** A port of InfiniBand or RoCE that is up. */
  readonly rdma?: 'active' | 'none';
  /** What a process may lock in memory where the facts were taken; 2^50 where nothing limits it. */
  readonly memlockBytes?: number;
  /** Size of a page of the kernel. */
  readonly pageBytes?: number;
  /** Huge pages of all sizes that are reserved, in bytes. */
  readonly hugePageBytes?: number;
  /** The device has no memory of its own, and takes that of the machine. */
  readonly hostMemory?: 'shared';
}

/** The value of a healthy device, for facts that have one; other facts have none. */
const healthy: Readonly<Partial<Record<keyof DeviceState, readonly string[]>>> = {
  fabric: ['completed', 'not-supported'],
  licence: ['licensed'],
  iommu: ['off', 'passthrough'],
  recovery: ['none'],
  rowRemapping: ['none'],
  computeMode: ['exclusive-process'],
  confidential: ['off', 'ready'],
  unifiedMemory: ['on'],
  driverLibrary: ['match'],
  uvm: ['loaded'],
  containerDevices: ['kept'],
  nvSwitches: ['managed', 'none'],
  cdiSpec: ['current'],
  clone3: ['allowed'],
  host: ['wsl'],
  rdma: ['active', 'none'],
  hostMemory: ['shared'],
};

/** The facts that make a device another one than its peers, or null where there is none. Facts of a healthy device are left out. */
export function abnormalOf(state: DeviceState): DeviceState | null {
  const entries = Object.entries(state).filter(
    ([name, value]) => typeof value === 'string' && healthy[name as keyof DeviceState]?.includes(value) === false,
  );
  return entries.length === 0 ? null : (Object.fromEntries(entries) as DeviceState);
}
