import type { Phase } from '../../../core/contract/contract.ts';
import type { MeasuredPhase } from '../../../core/rollout/replica.ts';

/** What the platform measured of one start; milliseconds from the moment at which the replica was scheduled. */
export interface MeasuredStart {
  /** How long verifying and laying out its files took, from 0; null when that is not known (it was adopted early). */
  readonly layOutMs: number | null;
  /** Of these files; left out where that is not known. */
  readonly layOutBytes?: number | undefined;
  readonly spawnedMs: number;
  readonly readyMs: number;
  /** What the server itself reported; offsets from the start of its process. */
  readonly reported: readonly MeasuredPhase[];
  /** Its process was a spare: `spawnedMs` is when it was given its order, from which what it reports counts. */
  readonly ofSpare?: boolean;
}

const insideProcess: readonly Phase[] = ['process-start', 'weights-load', 'engine-init', 'warm-up'];

/**
 * | the server reported | phases of its process |
 * |---|---|
 * | nothing | one, from spawn to ready, merged of all four |
 * | some, without `process-start` | `process-start` up to the first of them, then what it reported |
 * | some, with `process-start` | what it reported |
 * | nothing, and was a spare | one, from its order to ready, merged of all but `process-start` |
 * | some, and was a spare | what it reported; the process had started before |
 *
 * What was not reported at all stays out: it is not told apart from its neighbours, and is never shown as zero.
 */
export function startPhases(start: MeasuredStart): readonly MeasuredPhase[] {
  const { layOutMs, layOutBytes: fileBytes } = start;
  const used = fileBytes === undefined ? {} : { used: { fileBytes } };
  const before: readonly MeasuredPhase[] =
    layOutMs === null ? [] : [{ phases: ['weights-fetch'], startMs: 0, durationMs: layOutMs, ...used }];
  return [...before, ...processPhases(start)];
}

function processPhases(start: MeasuredStart): readonly MeasuredPhase[] {
  const reported = [...start.reported]
    .sort((a, b) => a.startMs - b.startMs)
    .map((phase) => ({ ...phase, startMs: phase.startMs + start.spawnedMs }));
  const [first] = reported;
  if (first === undefined) {
    const phases = start.ofSpare === true ? insideProcess.slice(1) : insideProcess;
    return [{ phases, startMs: start.spawnedMs, durationMs: start.readyMs - start.spawnedMs }];
  }
  const hasBegun = start.ofSpare === true || reported.some((phase) => phase.phases.includes('process-start'));
  if (hasBegun) return reported;
  const processStart: MeasuredPhase = {
    phases: ['process-start'],
    startMs: start.spawnedMs,
    durationMs: first.startMs - start.spawnedMs,
  };
  return [processStart, ...reported];
}
