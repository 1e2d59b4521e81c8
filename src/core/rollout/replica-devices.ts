/** Who told which accelerators a replica has. What `replica` and `node-labels` tell decides nothing. */
export type DevicesToldBy =
  /** The replica asks for none. */
  | 'request'
  /** The local platform, which assigned them. */
  | 'platform'
  /** Its ResourceClaim, and the ResourceSlices of its node. */
  | 'resource-claim'
  /** The kubelet, as the device plugin named them to it. */
  | 'kubelet'
  /** The program in the replica: its own word. */
  | 'replica'
  /** Labels of its node: what the devices are, and not which. */
  | 'node-labels';

/** One accelerator of a replica, or its part of one. What nobody tells is null. */
export interface ReplicaDevice {
  /** As whoever hands it out names it: `gpu.nvidia.com/node-1/gpu-0`, `GPU-...::3`. */
  readonly name: string | null;
  /** Of the MIG instance, where it is one. */
  readonly uuid: string | null;
  readonly product: string | null;
  /** Null where it is no MIG instance, or nobody tells. */
  readonly mig: { readonly profile: string | null; readonly parentUuid: string | null } | null;
  /** Which part of a device that is shared. */
  readonly share: string | null;
  /** Of that part, where the share has memory of its own; else of the device. */
  readonly memoryBytes: number | null;
}

/** The accelerators of one replica, for its record. */
export interface ReplicaDevices {
  /** Null while nobody tells. */
  readonly toldBy: DevicesToldBy | null;
  /** Null while nobody tells. */
  readonly devices: readonly ReplicaDevice[] | null;
  /** Why they, or parts of them, are not known; null where nothing is missing. */
  readonly unknown: string | null;
}
