import type { Defragmentation } from '../../core/packing/moves/defragment.ts';
import type { LayoutChange } from '../../core/packing/moves/layout-changes.ts';
import type { ReplicaPlace } from '../../core/packing/moves/match-present.ts';
import type { MoveStep } from '../../core/packing/moves/order-moves.ts';
import { nanoPerUnit } from '../../core/packing/packing-task.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';
import type { NamedPlacement } from '../../core/packing/named/named-task.ts';

/** The way to a plan from what is placed at present. */
export interface WayToPlan {
  /** The plan on the nodes as they are. */
  readonly nodes: readonly NamedPlacement[];
  readonly steps: readonly MoveStep[];
  readonly layouts: readonly LayoutChange[];
  readonly staying: number;
}

const stepsShown = 30;

/** Returns the way to a plan for people: how many replicas it disturbs, the layouts that change, and the steps in order. */
export function wayLines({ steps, layouts, staying }: WayToPlan): readonly string[] {
  const count = (kind: MoveStep['kind']): number => steps.filter((step) => step.kind === kind).length;
  const drained = count('drain');
  const parts = [
    `${staying} stay`,
    `${count('move')} move`,
    `${drained} are drained first`,
    `${count('start') - drained} start`,
    `${count('stop')} stop`,
  ];
  return [
    '',
    `from the present placement: ${parts.join(', ')} (not proven to be the fewest)`,
    ...layouts.map(layoutLine),
    ...stepLines(steps),
  ];
}

const layoutCosts: Readonly<Record<LayoutChange['needs'], string>> = {
  reset: 'the device is drained and reset',
  drain: 'replicas on it stop while instances are made again',
  instances: 'replicas on it keep running',
};

function layoutLine({ node, device, from, to, needs }: LayoutChange): string {
  const [before, after] = [from, to].map((profiles) => (profiles.length === 0 ? 'not cut' : profiles.join(' ')));
  return `layout of ${node} device ${device}: ${before} -> ${after}; ${layoutCosts[needs]}`;
}

function stepLines(steps: readonly MoveStep[]): readonly string[] {
  const rows = steps
    .slice(0, stepsShown)
    .map(({ kind, name, from, to }, at) => [String(at + 1), kind, name, placeText(from), placeText(to)]);
  const more = steps.length > stepsShown ? [`and ${steps.length - stepsShown} steps more; --json has all`] : [];
  return rows.length === 0 ? [] : [...alignedTable([['STEP', '', 'REPLICA', 'FROM', 'TO'], ...rows]), ...more];
}

function placeText(place: ReplicaPlace | null): string {
  if (place === null) return '-';
  return place.devices.length === 0 ? place.node : `${place.node} device ${place.devices.join(',')}`;
}

/** Returns what a few moves give, for people. */
export function defragmentText(
  { wanted, steps, moves, gainNano, withoutMovesNano, boundNano }: Defragmentation,
  movesAtMost: number,
): string {
  const what = wanted === 'replicas' ? 'devices held' : 'whole free devices';
  const proof =
    gainNano === boundNano
      ? 'no number of moves gives more (proven best)'
      : `chosen by a heuristic; no number of moves gives more than ${amount(boundNano)}`;
  const free = withoutMovesNano > 0n ? ` (${amount(withoutMovesNano)} of them without a move)` : '';
  return textOfLines([
    `${what}: ${amount(gainNano)} more${free} by ${moves} of at most ${movesAtMost} moves; ${proof}`,
    ...stepLines(steps),
  ]);
}

function amount(nano: bigint): string {
  const value = Number(nano) / nanoPerUnit;
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}
