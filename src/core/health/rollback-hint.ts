import { chooseRollback, type RollbackState } from '../rollout/rollback-target.ts';
import type { Axis } from '../rollout/release.ts';

const axes: readonly Axis[] = ['model', 'code'];

/**
 * The rollback that undoes what the live release changed, if it would be accepted now; the model first where both axes moved.
 * Null where no earlier release carried traffic, or all of them are barred.
 */
export function rollbackCommand(state: RollbackState): string | null {
  const live = state.releases.find(({ number }) => number === state.deployment?.live);
  const before = state.releases.findLast(
    ({ number }) => live !== undefined && number < live.number && state.outcomes.get(number) === 'was-live',
  );
  if (live === undefined || before === undefined) return null;
  const moved = axes.filter((axis) => live[axis].digest !== before[axis].digest);
  const axis = moved.find((each) => 'choice' in chooseRollback(state, each, undefined));
  return axis === undefined ? null : `plimsoll rollback --${axis}`;
}
