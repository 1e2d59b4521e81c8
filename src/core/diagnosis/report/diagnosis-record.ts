import type { Cause, Experiment, Suspicion } from '../cause.ts';
import type { TriedExperiment } from '../finding/finding.ts';
import type { EngineState, Suspicions } from '../order/suspect-causes.ts';
import { valueOrNull } from '../readings/reading.ts';
import type { WindowReadings } from '../readings/window-readings.ts';
import type { Waterfall } from '../waterfall/waterfall.ts';
import { listCeilings, type CeilingUse } from './ceilings.ts';
import { tellEffect, type ToldEffect } from './told-effect.ts';
import { groupUnread, type Unread } from './unread.ts';

/**
 * What one diagnosis read and measured, as it is sent, kept and shown. It holds no verdict: whoever reads it decides the finding
 * from it (`tellFinding`).
 */
export interface DiagnosisRecord {
  /** End of the window, Unix milliseconds. */
  readonly takenAtMs: number;
  readonly windowMs: number;
  /** Where the replica runs whose node was read; null where none was. */
  readonly node: string | null;
  readonly engine: EngineState & { readonly of: WindowReadings['engine'] };
  /** Null where no service was looked at. */
  readonly waterfall: Waterfall | null;
  readonly ceilings: readonly CeilingUse[];
  /** In the order of the questions. */
  readonly suspected: readonly Suspicion[];
  readonly unread: readonly Unread[];
  readonly experiments: readonly ToldExperiment[];
  /** Of the replica that experiments run on; 1 where it has none: then a replica is the unit. */
  readonly accelerators: number;
  /** Share of the window in which a request was under way. */
  readonly loadedShare: number;
}

export interface ToldExperiment {
  readonly experiment: Experiment;
  /** The suspected causes that it takes away, likeliest first. */
  readonly causes: readonly Cause[];
  /** What was measured, or why it was not run. */
  readonly outcome: { readonly effect: ToldEffect; readonly rounds: number } | { readonly notRun: string };
  /** What stands changed on the node because undoing failed. */
  readonly notUndone: string | null;
}

/** What two looks gave. */
export interface Observation {
  readonly window: WindowReadings;
  readonly waterfall: Waterfall | null;
  readonly suspicions: Suspicions;
}

/** Returns what is kept of a diagnosis. @param experiments none where it only looked. */
export function makeDiagnosisRecord(
  { window, waterfall, suspicions }: Observation,
  experiments: readonly TriedExperiment[],
  of: Pick<DiagnosisRecord, 'takenAtMs' | 'node' | 'accelerators'>,
): DiagnosisRecord {
  return {
    ...of,
    windowMs: window.windowMs,
    engine: { ...suspicions.engine, of: window.engine },
    waterfall,
    ceilings: listCeilings(window),
    suspected: suspicions.suspected,
    unread: groupUnread(suspicions),
    experiments: experiments.map(tellExperiment),
    loadedShare: measureLoadedShare(window),
  };
}

/** Returns the share of time in which a request was under way; 1 where that is not known. */
export const measureLoadedShare = ({ values }: Pick<WindowReadings, 'values'>): number =>
  Math.min(1, Math.max(0, valueOrNull(values.concurrentRequests) ?? 1));

function tellExperiment({ outcome, ...tried }: TriedExperiment): ToldExperiment {
  if (outcome.kind === 'not-run') return { ...tried, outcome: { notRun: outcome.reason } };
  return { ...tried, outcome: { effect: tellEffect(outcome.effect), rounds: outcome.rounds } };
}
