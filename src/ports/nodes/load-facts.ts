/** Reads what a machine shows while it is under load: facts that change by the second, unlike those of `NodeProbe`. */
export interface LoadFacts {
  /**
   * @param pid a process whose memory and processor time are read too; null: none is known. Never throws: what cannot be read
   * is null.
   */
  read(pid: number | null): Promise<LoadReading>;
}

export interface LoadReading {
  /** Processor time of the program that reads, since it began. */
  readonly ownProcessorMs: number;
  /** Resident memory of the process that was asked about. */
  readonly residentBytes: number | null;
  /** Mean clock of the processor's cores now. */
  readonly clockMhz: number | null;
  /** Null too where no process was asked about: then what is not its own is not known. */
  readonly processor: ProcessorTime | null;
  /** Time since boot in which somebody waited for a processor, for memory or for a disk (PSI, `some`). */
  readonly waitedMs: { readonly cpu: number | null; readonly memory: number | null; readonly io: number | null };
}

/** Since boot, of all cores together, milliseconds. */
export interface ProcessorTime {
  /** Time in which a core did something other than handle interrupts, and time that the host took from a virtual machine. */
  readonly busyMs: number;
  /** The same and the time in which a core did nothing. */
  readonly totalMs: number;
  /** Of the program that reads and of the process that was asked about, each with all that it started. */
  readonly ownMs: number;
}
