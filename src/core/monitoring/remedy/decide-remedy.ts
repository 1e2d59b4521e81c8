import type { OnAlarm } from '../../contract/contract.ts';
import { formatDuration, formatElapsed } from '../../units/quantity/quantity-duration.ts';
import type { TriageAnswer } from '../triage/answer.ts';

/** What a rollback moves. */
type Axis = 'code' | 'model';

/** What a rollback of one axis would go to; `refusal` where there is no way back. */
export type WayBack =
  | {
      readonly to: number;
      /** The pair carried traffic before. */
      readonly isProven: boolean;
      /** `to` is the release that was live before the present one: what goes back is what the present release brought. */
      readonly undoesLive: boolean;
    }
  | { readonly refusal: string };

export interface RemedyState {
  readonly onAlarm: OnAlarm;
  readonly answer: TriageAnswer;
  /** The earliest time at which what alarmed may have begun. */
  readonly onsetMs: number;
  /** When the watch last acted by itself; null for never. */
  readonly lastActedAtMs: number | null;
  readonly live: {
    readonly release: number;
    readonly sinceMs: number;
    /** It is a rollback itself. */
    readonly isRollback: boolean;
  } | null;
  /** Another release is on its way in. */
  readonly isMoving: boolean;
  readonly back: Readonly<Record<Axis, WayBack>>;
  readonly nowMs: number;
}

export type RemedyDecision =
  | { readonly act: 'isolate'; readonly replicas: readonly string[]; readonly because: string }
  | { readonly act: 'roll-back'; readonly axis: Axis; readonly to: number; readonly because: string }
  /** It would act, and something forbids that; people are told. */
  | { readonly act: 'nothing'; readonly because: string }
  /** There is nothing that it could do by itself. */
  | { readonly act: 'none' };

/** A release explains what began up to so long after it went live. */
export const rollBackWithinMs = 24 * 3_600_000;

/**
 * What the watch does by itself about an alarm. First match decides:
 *
 * | `onAlarm` | triage | besides | does |
 * |---|---|---|---|
 * | notify | any | | none |
 * | any | names no cause, or several | | none: nothing is proven |
 * | isolate | names another cause than node | | none |
 * | roll-back | names another cause than runtime or concept | | none: no release would undo it |
 * | any | | it acted less than `atMostOncePer` ago | nothing |
 * | isolate | node | | isolates its replicas; the last one that serves waits for its spare |
 * | roll-back | runtime, concept | a release is on its way, or what is live is a rollback itself | nothing |
 * | roll-back | runtime, concept | what is live went live after the onset, or more than a day before it | nothing |
 * | roll-back | runtime, concept | no way back, or the release before had the same code or model | nothing |
 * | roll-back | runtime, concept | the pair that it would make never carried traffic | nothing |
 * | roll-back | runtime | | rolls the code back |
 * | roll-back | concept | | rolls the model back |
 */
export function decideRemedy(state: RemedyState): RemedyDecision {
  const { onAlarm, answer } = state;
  if (onAlarm.action === 'notify' || answer.verdict !== 'named') return { act: 'none' };
  const [named, ...more] = answer.causes;
  if (named === undefined || more.length > 0) return { act: 'none' };
  const axis = axisOf(named.cause);
  const fits = onAlarm.action === 'isolate' ? named.cause === 'node' && named.replicas.length > 0 : axis !== null;
  if (!fits) return { act: 'none' };
  const early = tooEarly(state);
  if (early !== null) return { act: 'nothing', because: early };
  const because = `triage names ${named.cause}: ${named.evidence[0] ?? 'as its evidence says'}`;
  if (onAlarm.action === 'isolate') return { act: 'isolate', replicas: named.replicas, because };
  return axis === null ? { act: 'none' } : decideRollback(state, axis, because);
}

/** The axis whose rollback remedies a cause. */
function axisOf(cause: string): Axis | null {
  if (cause === 'runtime') return 'code';
  return cause === 'concept' ? 'model' : null;
}

/** A clock that was set back counts as no time. */
function tooEarly({ onAlarm, lastActedAtMs, nowMs }: RemedyState): string | null {
  if (lastActedAtMs === null) return null;
  const elapsedMs = Math.max(0, nowMs - lastActedAtMs);
  if (elapsedMs >= onAlarm.atMostOncePerMs) return null;
  return `the watch acted ${formatElapsed(elapsedMs)} ago, and does so at most once per ${formatDuration(onAlarm.atMostOncePerMs)}`;
}

function decideRollback({ live, isMoving, back, onsetMs }: RemedyState, axis: Axis, because: string): RemedyDecision {
  const nothing = (why: string): RemedyDecision => ({ act: 'nothing', because: why });
  if (live === null) return nothing('nothing is live');
  const { release, sinceMs, isRollback } = live;
  if (isMoving) return nothing('a release is on its way in: its judge decides');
  if (isRollback) return nothing(`release ${release} is a rollback itself`);
  if (sinceMs > onsetMs) return nothing(`release ${release} may have gone live after it began`);
  if (onsetMs - sinceMs > rollBackWithinMs)
    return nothing(`release ${release} was live for over a day before it began`);
  const way = back[axis];
  if ('refusal' in way) return nothing(way.refusal);
  if (!way.undoesLive) return nothing(`the release before ${release} had the same ${axis}`);
  if (!way.isProven) return nothing(`the pair of release ${way.to}'s ${axis} with what is live never carried traffic`);
  return { act: 'roll-back', axis, to: way.to, because };
}
