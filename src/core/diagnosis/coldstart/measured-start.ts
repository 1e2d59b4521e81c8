import type { TimedPhases } from '../../coldstart/start-account.ts';
import type { MeasuredRates } from '../readings/node-snapshot.ts';
import { makeReading, mapReading, type Reading } from '../readings/reading.ts';
import {
  diagnoseStart,
  unmeasuredCeilings,
  unreadPhase,
  type NodeCeilings,
  type PhaseReadings,
  type StartDiagnosis,
} from './diagnose-start.ts';
import { findReads } from './start-reads.ts';

/**
 * Returns the diagnosis of a start by what its server told of each phase, held against what a preflight measured of the storage of its
 * node. A preflight measures no network and no unpacking, so that nothing is held against these.
 */
export function diagnoseMeasuredStart(
  phases: readonly TimedPhases[],
  readyAfterMs: number,
  measured: MeasuredRates,
): StartDiagnosis {
  const ceilings: NodeCeilings = {
    ...unmeasuredCeilings,
    diskBytesPerSecond: measured.storageBytesPerSecond,
    cachedBytesPerSecond: measured.cachedBytesPerSecond,
  };
  const readingsOf = (phase: TimedPhases): PhaseReadings => readPhase(phase, ceilings.diskBytesPerSecond);
  return diagnoseStart(phases, readyAfterMs, readingsOf, ceilings, measured.takenAtMs);
}

function readPhase({ used, durationMs }: TimedPhases, coldBytesPerSecond: Reading): PhaseReadings {
  if (used === undefined) return unreadPhase;
  const { diskBytes, cachedBytes } = findReads(used, durationMs, coldBytesPerSecond);
  const told = (value: number | undefined): Reading =>
    value === undefined ? unreadPhase.busiestThreadShare : makeReading(value);
  return {
    ...unreadPhase,
    fileBytes: told(used.fileBytes),
    diskReadBytes: diskBytes,
    cachedReadBytes: cachedBytes,
    // Two clocks never agree to the millisecond.
    busiestThreadShare: mapReading(told(used.threadMs), (ms) => Math.min(1, ms / durationMs)),
  };
}
