/** What a machine showed at one moment. Null where it is not known. */
export interface NodeMoment {
  readonly atMs: number;
  readonly residentBytes: number | null;
  readonly clockMhz: number | null;
  /** Since boot, of all cores: busy, in all, and of the replica and the client together. */
  readonly processor: { readonly busyMs: number; readonly totalMs: number; readonly ownMs: number } | null;
  /** Since boot. */
  readonly waitedMs: { readonly cpu: number | null; readonly memory: number | null; readonly io: number | null };
  /** Reasons for reduced clocks that the driver of an accelerator gives. */
  readonly throttleReasons: readonly string[];
}

/** Growth of the memory of a process that is more than caches filling. */
const grownShare = 0.1;
const grownBytes = 64 * 1_048_576;
const clockLostShare = 0.1;
/** Shares of the time in which somebody waited. */
const waitedAtMost = { cpu: 0.1, memory: 0.01, io: 0.05 } as const;
const waitedFor = { cpu: 'a processor core', memory: 'memory', io: 'a disk' } as const;
/** Clocks are low for want of work, or because somebody set them so. */
const harmless = new Set(['none', 'gpu_idle', 'applications_clocks_setting', 'display_clocks_setting']);

/**
 * Returns what may slow a replica down, for people. Facts, and no proof of a cause.
 *
 * | fact | named when |
 * |---|---|
 * | throttling | the driver gives a reason at the end, other than idleness or a setting |
 * | clock | the clock of the processor fell by 10% |
 * | memory | the process grew by 10% and by 64 MiB |
 * | other programs | they took 2% of the processor time of all cores |
 * | waiting | somebody waited for a core in 10% of the time, for memory in 1%, for a disk in 5% |
 */
export function nameCauses(first: NodeMoment, last: NodeMoment): readonly string[] {
  const causes: string[] = [];
  const reasons = last.throttleReasons.filter((reason) => !harmless.has(reason));
  if (reasons.length > 0) causes.push(`the accelerator is throttled: ${reasons.join(', ')}`);
  const [clock, clockThen] = [last.clockMhz, first.clockMhz];
  if (clock !== null && clockThen !== null && clock < (1 - clockLostShare) * clockThen) {
    causes.push(`the clock of the processor fell from ${Math.round(clockThen)} to ${Math.round(clock)} MHz`);
  }
  const [bytes, bytesThen] = [last.residentBytes, first.residentBytes];
  if (bytes !== null && bytesThen !== null && bytes - bytesThen > Math.max(grownBytes, grownShare * bytesThen)) {
    causes.push(`the process of the replica grew from ${mebibytes(bytesThen)} to ${mebibytes(bytes)} MiB`);
  }
  const others = othersShare(first, last);
  if (others >= busyShare) {
    causes.push(`other programs took ${Math.round(100 * others)}% of the processor time of the machine`);
  }
  for (const what of ['cpu', 'memory', 'io'] as const) {
    const share = waitedShare(first, last, what);
    if (share > waitedAtMost[what]) {
      causes.push(`processes waited for ${waitedFor[what]} in ${Math.round(100 * share)}% of the time`);
    }
  }
  return causes;
}

/** Share of the time in which somebody waited; 0 where it is not known. */
function waitedShare(first: NodeMoment, last: NodeMoment, what: keyof NodeMoment['waitedMs']): number {
  const [waited, waitedThen] = [last.waitedMs[what], first.waitedMs[what]];
  if (waited === null || waitedThen === null || last.atMs <= first.atMs) return 0;
  return (waited - waitedThen) / (last.atMs - first.atMs);
}

/** Share of the processor time of all cores that neither the replica nor the client took; 0 where it is not known. */
function othersShare({ processor: first }: NodeMoment, { processor: last }: NodeMoment): number {
  if (first === null || last === null || last.totalMs <= first.totalMs) return 0;
  const othersMs = last.busyMs - first.busyMs - (last.ownMs - first.ownMs);
  return Math.max(0, othersMs) / (last.totalMs - first.totalMs);
}

/**
 * From here on a measured rate is more than 5% too low where other programs run in bursts: 10% as the median of simulated services
 * (`bench -- capacity --neighbours`).
 */
const busyShare = 0.02;

/** Whether other programs took so much of the processors that what was measured is not what the replica can do. */
export const isBusyMachine = (first: NodeMoment, last: NodeMoment): boolean => othersShare(first, last) >= busyShare;

const mebibytes = (bytes: number): number => Math.round(bytes / 1_048_576);
