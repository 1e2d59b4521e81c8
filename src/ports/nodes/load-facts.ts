/** Reads what a machine shows while it is under load: facts that change by the second, unlike those of `NodeProbe`. */
export interface LoadFacts {
  /** @param pid a process whose memory is read too; null: none is known. Never throws: what cannot be read is null. */
  read(pid: number | null): Promise<LoadReading>;
}

export interface LoadReading {
  /** Processor time of the program that reads, since it began. */
  readonly ownProcessorMs: number;
  /** Resident memory of the process that was asked about. */
  readonly residentBytes: number | null;
  /** Mean clock of the processor's cores now. */
  readonly clockMhz: number | null;
  /** Time since boot in which somebody waited for a processor, for memory or for a disk (PSI, `some`). */
  readonly waitedMs: { readonly cpu: number | null; readonly memory: number | null; readonly io: number | null };
}
