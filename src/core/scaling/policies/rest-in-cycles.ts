import type { Policy, Rested, Silence, PolicyInput } from '../policy.ts';

/**
 * Rests of a rule that knows moments only by their differences. It is asked through one cycle of decisions; where all of them want the
 * replicas that there are, and the state afterwards is the one before with its moments moved on, every further cycle does the same.
 *
 * @param cycle decisions after which the rule is where it was: the periods inside it over that of its decisions
 * @param shift the state with all of its moments so many milliseconds later
 * @param mayRest false where a moment counts that `shift` leaves as it is
 * @param standsUntilMs no cycle that repeats reaches this moment, because a delay is over then; `shift` leaves its beginning as it is
 */
export function restInCycles<State>(
  { periodMs, decide }: Pick<Policy<State>, 'periodMs' | 'decide'>,
  cycle: number,
  shift: (state: State, byMs: number) => State,
  mayRest: (last: PolicyInput, state: State) => boolean = () => true,
  standsUntilMs: (last: PolicyInput, state: State) => number = () => Infinity,
): (last: PolicyInput, state: State, silence: Silence) => Rested<State> {
  return (last, state, { decisions, signalsAtMs }) => {
    const standing = Math.ceil((standsUntilMs(last, state) - last.nowMs) / periodMs) - 1;
    const cycles = Math.floor(Math.min(decisions, standing) / cycle);
    const awake = { decisions: 0, state };
    if (cycles < 2 || !mayRest(last, state)) return awake;
    const quiet = { ...last.signals };
    let next = state;
    for (let index = 1; index <= cycle; index += 1) {
      const signals = { ...quiet, atMs: signalsAtMs(index) };
      const made = decide({ ...last, nowMs: last.nowMs + index * periodMs, signals }, next);
      if (made.decision.desired !== last.replicas.length) return awake;
      next = made.state;
    }
    if (JSON.stringify(next) !== JSON.stringify(shift(state, cycle * periodMs))) return awake;
    return { decisions: cycles * cycle, state: shift(state, cycles * cycle * periodMs) };
  };
}
