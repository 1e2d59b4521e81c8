import type { MigBoard } from '../../core/hardware/tables/mig-profiles.ts';
import { countComputeSlices } from '../../core/packing/slices/layouts.ts';
import type { OperatingPoint } from '../../core/packing/slices/operating-points.ts';

/** Columns of a file of profiles of ParvaGPU (MunQ-Lee/ParvaGPU_SC24 on GitHub, commit 32d4890). */
export const parvagpuColumns = ['Mig instance', 'Batch size', 'Workload Number', 'Throughput', 'Latency'] as const;

/**
 * Returns the operating point of one row of ParvaGPU's profiles; null where the row did not run, which is a throughput of 0.
 *
 * A row has compute slices, requests in a batch, processes, requests per second of *one* process, and seconds of a batch.
 * ParvaGPU's program multiplies the throughput by the processes (`src/data_load.c`).
 */
export function makeParvagpuPoint(
  [slices = NaN, batch = NaN, processes = NaN, each = NaN, seconds = NaN]: readonly number[],
  board: MigBoard,
): OperatingPoint | null {
  if (each === 0 || seconds === 0) return null;
  return {
    profile: profileOfSlices(slices, board),
    batch,
    processes,
    throughputPerSecond: roundToMillionths(each * processes),
    latencyMs: roundToMillionths(seconds * 1000),
  };
}

/** Returns the first profile of the table with so many compute slices: `3` is `3g.40gb`. */
export function profileOfSlices(slices: number, board: MigBoard): string {
  const profile = board.profiles.find((each) => countComputeSlices(each) === slices);
  return profile?.profile ?? `${slices}g`;
}

/** The files have three decimals; products of doubles have more. */
export const roundToMillionths = (value: number): number => Math.round(value * 1e6) / 1e6;
