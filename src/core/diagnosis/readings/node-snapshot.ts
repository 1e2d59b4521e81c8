import type { Reading } from './reading.ts';

/** What part of a request's way a process is. */
export type ProcessRole = 'replica' | 'gateway' | 'generator';

/** A process that is looked at. */
export interface WatchedProcess {
  readonly role: ProcessRole;
  readonly pid: number;
}

/** What a list holds, or why it could not be read. */
export type ListReading<T> = { readonly list: readonly T[] } | { readonly unknown: string };

/** The list; empty where it is unknown. */
export const listOrNone = <T>(reading: ListReading<T>): readonly T[] => ('list' in reading ? reading.list : []);

/** Counters of one node at one moment. All counters only grow; which of them are unknown may differ from look to look. */
export interface NodeSnapshot {
  /** By a clock that never steps. */
  readonly atMs: number;
  readonly cores: Reading;
  readonly threads: ListReading<ThreadCounters>;
  readonly quota: QuotaCounters;
  readonly pressure: PressureCounters;
  readonly memory: MemoryCounters;
  readonly disks: ListReading<DiskCounters>;
  readonly network: NetworkCounters;
  /** NUMA nodes whose cores the replica's processes may use. */
  readonly replicaNumaNodes: ListReading<number>;
  readonly devices: ListReading<DeviceSnapshot>;
  readonly measured: MeasuredRates;
}

/** What a fresh preflight of the node measured beside its devices. */
export interface MeasuredRates {
  /** When, Unix milliseconds; null where there is none. */
  readonly takenAtMs: number | null;
  /** Of a cold read of a file. */
  readonly storageBytesPerSecond: Reading;
  /** Of a read of a file that the page cache held. */
  readonly cachedBytesPerSecond: Reading;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, https://docs.kernel.org/scheduler/sched-stats.html */
export interface ThreadCounters {
  readonly role: ProcessRole;
  readonly pid: number;
  readonly tid: number;
  /** As the thread calls itself: 15 characters at most. */
  readonly name: string;
  /** True of the thread that the process began with. */
  readonly isMain: boolean;
  readonly cpuMs: Reading;
  /** Time in which it could have run and no core was free. */
  readonly waitedMs: Reading;
}

/** Of the control group of the replica: `cpu.stat`. */
export interface QuotaCounters {
  /** Null: its group has no quota. */
  readonly quotaCores: Reading | null;
  readonly periods: Reading;
  readonly throttledPeriods: Reading;
  readonly throttledMs: Reading;
}

/** Pressure stall information, https://docs.kernel.org/accounting/psi.html: time since boot, milliseconds. */
export interface PressureCounters {
  /** Of the replica's control group, where that tells; else of the whole node. */
  readonly of: 'replica' | 'node';
  readonly cpuSomeMs: Reading;
  readonly ioFullMs: Reading;
  readonly memoryFullMs: Reading;
}

export interface MemoryCounters {
  /** Of the replica's processes: faults that had to read from a disk. */
  readonly majorFaults: Reading;
  /** Of the replica's processes: bytes that came from a disk and not from the page cache. */
  readonly replicaReadBytes: Reading;
  /** Of the replica's control groups: how often memory had to be taken back because of their limit. */
  readonly limitHits: Reading;
  /** Pages of files that were read again soon after they were dropped, of the whole node. */
  readonly refaultedPages: Reading;
  readonly swappedInPages: Reading;
  readonly availableBytes: Reading;
  readonly totalBytes: Reading;
}

/** https://docs.kernel.org/admin-guide/iostats.html, of whole disks. */
export interface DiskCounters {
  readonly name: string;
  readonly reads: Reading;
  readonly readBytes: Reading;
  /** Sum over all reads of how long each took. */
  readonly readMs: Reading;
  readonly busyMs: Reading;
}

export interface NetworkCounters {
  readonly sentSegments: Reading;
  readonly retransmittedSegments: Reading;
  readonly interfaces: ListReading<InterfaceCounters>;
}

export interface InterfaceCounters {
  readonly name: string;
  readonly receivedBytes: Reading;
  readonly sentBytes: Reading;
  readonly bytesPerSecondAtMost: Reading;
}

/** One accelerator at one moment. Shares and rates are means over the last interval of their source. */
export interface DeviceSnapshot {
  readonly uuid: string | null;
  readonly index: number | null;
  /** DCGM field 1002 or GPM: share of time in which a multiprocessor had a warp. Never `GPU_UTIL`. */
  readonly smActiveShare: Reading;
  /** DCGM field 1005 or GPM. */
  readonly dramActiveShare: Reading;
  readonly clockMhz: Reading;
  readonly clockMhzAtMost: Reading;
  /** As the driver names them; null where they could not be read. */
  readonly throttleReasons: readonly string[] | null;
  readonly linkGeneration: Reading;
  readonly linkGenerationAtMost: Reading;
  readonly linkWidth: Reading;
  readonly linkWidthAtMost: Reading;
  /** DCGM fields 1009 and 1010, the busier way: bytes a second over the bus. */
  readonly busBytesPerSecond: Reading;
  /** Of a measured copy, dated; never of the data sheet. */
  readonly busBytesPerSecondAtMost: Reading;
  readonly memoryUsedBytes: Reading;
  readonly memoryTotalBytes: Reading;
  readonly numaNode: Reading;
  /** 1 where rows of its memory wait for a reset to be replaced, or could not be replaced; else 0. */
  readonly remapPending: Reading;
  /** 1 where it cannot reach the memory of another board without the host; else 0. */
  readonly peersRefused: Reading;
}
