import type { EvidenceState, Waiver } from './lock.ts';

type Standing = Pick<EvidenceState, 'freshness' | 'verdict'>;

/** Whether a row was measured on what is there now, and fails. Inconclusive is no failure: more measuring would decide. */
export function isFailing({ freshness, verdict }: Standing): boolean {
  return freshness === 'fresh' && verdict === 'fail';
}

/**
 * Whether a waiver is meant for a row as it stands. Neither kind of waiver covers what the other one does.
 *
 * | the row is | `--waive` | `--waive-failing` |
 * |---|---|---|
 * | missing, stale, inconclusive or unknown | covers | does not cover |
 * | fresh and failing | does not cover | covers |
 */
export function coversState({ failing }: Pick<Waiver, 'failing'>, state: Standing): boolean {
  return isFailing(state) === (failing === true);
}

/** Whether a row fails and somebody let it through all the same. */
export function isWaivedFailure(state: Standing & Pick<EvidenceState, 'waiver'>): boolean {
  return isFailing(state) && state.waiver?.failing === true;
}

/** The waiver that a row shows: one that covers the row, else any; of several the one that lasts longest. */
export function chooseWaiver(waivers: readonly Waiver[], state: Standing): Waiver | null {
  const order = (waiver: Waiver): number => (coversState(waiver, state) ? 1 : 0);
  return waivers.toSorted((a, b) => order(b) - order(a) || b.untilMs - a.untilMs)[0] ?? null;
}

/** How a waiver reads everywhere: `waived`, `waived although it fails`, or that it does not cover the row. */
export function waivedWords(waiver: Pick<Waiver, 'failing'>, state: Standing): string {
  if (!coversState(waiver, state)) return `waived, which does not cover ${isFailing(state) ? 'a failure' : 'this'}`;
  return waiver.failing === true ? 'waived although it fails' : 'waived';
}
