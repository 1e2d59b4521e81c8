import type { Doubt } from '../learned/doubt.ts';
import { withLearned, type Learned } from '../learned/learn.ts';
import type { PolicyInput, Rested, Silence } from '../policy.ts';
import type { DemandHistory } from './demand-history.ts';
import { asSeen } from './next-burst/next-burst.ts';
import { QuietHistory } from './quiet-history.ts';
import type { ServiceScatter } from './settings/service-scatter.ts';
import { groundOf, isSilenceReplayed, periodMs, surgeAgoMs, turnOf, type TurnState } from './turn.ts';

export interface PlimsollState extends Omit<TurnState, 'seenMs'> {
  /** Null before the first decision. */
  readonly learned: Learned | null;
  readonly doubt: Doubt;
  readonly history: DemandHistory;
  /** Absent in what older versions recorded. */
  readonly services?: ServiceScatter;
  /** What was decided last: where nothing is known it stands. */
  readonly desired: number | null;
}

/**
 * Rests of the own policy: turn after turn as `decide` takes them, without their sentences, and with a history that is copied once for
 * all of them. It rests once the silence was replayed with all settings. Where replicas may sleep it does not rest: sleepers are decided anew
 * each turn.
 */
export function restOwn(asked: PolicyInput, state: PlimsollState, silence: Silence): Rested<PlimsollState> {
  const last = state.learned === null ? asked : withLearned(asked, state.learned);
  const ground = groundOf(last, state.learned?.capacity ?? null);
  const history = new QuietHistory(state.history);
  const signals = { ...last.signals };
  let now: TurnState = { ...state, seenMs: state.history.seenMs };
  const isReplayed = isSilenceReplayed(silence.signalsAtMs(1), state.history.lastArrivalMs);
  const trusted = state.doubt.distrust === null;
  const most = last.terms.sleep === undefined && isReplayed && trusted ? silence.decisions : 0;
  for (let decision = 1; decision <= most; decision += 1) {
    const [nowMs, atMs] = [last.nowMs + decision * periodMs, silence.signalsAtMs(decision)];
    const decidedMs = periodMs + Math.max(0, nowMs - atMs);
    const horizonMs = ground.startMs + decidedMs;
    const soonMs = ground.spares === null ? horizonMs : ground.spares.startMs + decidedMs;
    const seenMs = history.seenMs;
    history.observe(atMs, { horizonMs, passingMs: ground.waitMs });
    const demand = history.demand(horizonMs, surgeAgoMs({ horizonMs }), soonMs);
    const input = { ...last, nowMs, signals: { ...signals, atMs } };
    const { lastArrivalMs } = history;
    const turn = turnOf(
      input,
      { ...now, seenMs },
      { ...ground, horizonMs },
      { demand, choice: now.choice, world: null, nextBurst: asSeen, lastArrivalMs },
    );
    // Up to the turn before: the history is already beyond it, and has to be brought there anew.
    if (turn.desired !== last.replicas.length) return restOwn(asked, state, { ...silence, decisions: decision - 1 });
    now = { choice: now.choice, seen: turn.seen, chosen: turn.chosen, hold: turn.hold, seenMs };
  }
  if (most === 0) return { decisions: 0, state };
  const { choice, seen, chosen, hold } = now;
  const desired = last.replicas.length;
  const { learned, doubt, services } = state;
  return {
    decisions: most,
    state: {
      learned,
      doubt,
      history: history.history(),
      ...(services === undefined ? {} : { services }),
      choice,
      seen,
      chosen,
      hold,
      desired,
    },
  };
}
