import type { Phase } from '../contract/contract.ts';
import type { PhaseUse } from './phase-use.ts';

/** One measured part of a start; the form that replicas report. */
export interface TimedPhases {
  /** Several when they could not be told apart. */
  readonly phases: readonly Phase[];
  /** Offset from the start of the process. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Left out where the server does not tell it. */
  readonly used?: PhaseUse;
}

/** A start from its process to ready, with what no phase explains said out loud. */
export interface StartAccount {
  /** In order of their beginning. */
  readonly phases: readonly TimedPhases[];
  readonly readyAfterMs: number;
  /** Time inside at least one phase; phases that overlap count once. */
  readonly accountedMs: number;
  /** `readyAfterMs - accountedMs`; never negative. */
  readonly unaccountedMs: number;
}

/** Union of the phases' intervals, cut off at `readyAfterMs`. */
export function accountStart(phases: readonly TimedPhases[], readyAfterMs: number): StartAccount {
  const ordered = [...phases].sort((a, b) => a.startMs - b.startMs);
  let accountedMs = 0;
  let coveredUntilMs = 0;
  for (const phase of ordered) {
    const endMs = Math.min(readyAfterMs, phase.startMs + phase.durationMs);
    accountedMs += Math.max(0, endMs - Math.max(coveredUntilMs, phase.startMs));
    coveredUntilMs = Math.max(coveredUntilMs, endMs);
  }
  return { phases: ordered, readyAfterMs, accountedMs, unaccountedMs: Math.max(0, readyAfterMs - accountedMs) };
}

/** `weights-load + engine-init`: the name of a phase, or of several that are one measurement. */
export function phaseLabel(phases: readonly Phase[]): string {
  return phases.join(' + ');
}

/** For people: `ready after 312 ms: process-start 95 ms, weights-fetch 4 ms, other 3 ms`. */
export function describeStart(account: StartAccount): string {
  const parts = account.phases.map((phase) => `${phaseLabel(phase.phases)} ${Math.round(phase.durationMs)} ms`);
  const other = Math.round(account.unaccountedMs) > 0 ? [`other ${Math.round(account.unaccountedMs)} ms`] : [];
  return `ready after ${Math.round(account.readyAfterMs)} ms: ${[...parts, ...other].join(', ')}`;
}
