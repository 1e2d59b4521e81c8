import type { ControlFeature, FeatureValue } from '../../src/core/monitoring/detectors/control-learners.ts';
import { listSlices } from '../../src/core/monitoring/slices/slice-state.ts';
import {
  emptyDrift,
  type DriftState,
  type DriftTerms,
  type WatchedRow,
} from '../../src/core/monitoring/watch/drift-state.ts';
import {
  acknowledge,
  chooseBets,
  chooseBetsOfSlice,
  isChoiceDue,
  listDueSlices,
  observeRow,
  tickDrift,
} from '../../src/core/monitoring/watch/step-drift.ts';
import type { DriftWindow } from '../../src/core/monitoring/watch/windows/windows.ts';
import { seededRandom, type Random } from '../../src/core/statistics/random.ts';
import type { Null, Stream } from './nulls.ts';

/** Rows of a service that is watched by slices. */
export interface SlicedWorld {
  readonly stream: Null;
  readonly rows: number;
  /** Rows before the budget gives out capital: in them slices get their history. */
  readonly quietRows: number;
  /** Rows for which the budget gives out the capital of one alarm. */
  readonly rowsPerAlarm: number;
  /** Whether the contract slices. */
  readonly isSliced: boolean;
  /** By how much the rows of `shiftedValue`, 5% of all, are off from `quietRows` on; 0 for none. */
  readonly shift: number;
  readonly stopAtAlarm: boolean;
}

export interface SlicedOutcome {
  readonly promised: number;
  /** What each alarm named, with its row. */
  readonly alarms: readonly { readonly name: string; readonly row: number }[];
  /** Series of slices that bet, of all that there are. */
  readonly judged: number;
  readonly series: number;
  readonly stateBytes: number;
}

/** The last two values have no slice of their own. */
const shares: readonly number[] = [0.27, 0.2, 0.15, 0.12, 0.1, 0.08, 0.05, 0.02, 0.01];
/** The least common value with a slice of its own. */
export const shiftedValue = 'v6';
const mostWindows = 2_000;

/** Eight numbers, each with a level by value, and the value. Each value has a stream of its own for each number. */
const numbers = Array.from({ length: 8 }, (_, at): ControlFeature => ({
  ...{ name: `x${at}`, group: `group ${at % 4}`, kind: 'numeric' },
}));
const features: readonly ControlFeature[] = [...numbers, { name: 'value', group: 'value', kind: 'category' }];

/** Watches rows as the control plane does. A row is a millisecond; each alarm is acknowledged at once. */
export function runSliced(world: SlicedWorld, seed: number): SlicedOutcome {
  const draw = beginRows(world, seededRandom(seed));
  const quiet: DriftTerms = {
    ...{ release: 1, rate: null, windowMs: 1 },
    ...(world.isSliced ? { slices: ['value'] } : {}),
  };
  const judged: DriftTerms = { ...quiet, rate: { count: 1, perMs: world.rowsPerAlarm } };
  const windows = new Map<number | undefined, DriftWindow[]>();
  const alarms: { name: string; row: number }[] = [];
  let state = emptyDrift;
  for (let row = 1; row <= world.rows; row += 1) {
    const terms = row <= world.quietRows ? quiet : judged;
    const step = observeRow(state, rowOf(draw(row > world.quietRows), row), terms);
    state = step.state;
    const closed = [...(step.closed === null ? [] : [step.closed]), ...step.ofSlices];
    for (const window of closed) keep(windows, window);
    if (closed.length > 0) state = chooseDue(state, windows);
    if (row % 20 !== 0) continue;
    const ticked = tickDrift(state, row, terms);
    state = ticked.alarm === null ? ticked.state : acknowledge(ticked.state, 'all', false);
    if (ticked.alarm === null) continue;
    alarms.push({ name: ticked.alarm.name, row });
    if (world.stopAtAlarm) break;
  }
  const series = listSlices(state.slices).flatMap((slice) => slice.series);
  return {
    ...{ promised: state.budget.injected, alarms, series: series.length },
    judged: series.filter(({ bet }) => bet !== null).length,
    stateBytes: JSON.stringify(state).length,
  };
}

function beginRows({ stream, shift }: SlicedWorld, random: Random): (isOff: boolean) => WatchedRow['values'] {
  const streams: readonly (readonly Stream[])[] = shares.map(() => numbers.map(() => stream.begin(random)));
  return (isOff) => {
    let at = 0;
    for (let left = random.nextShare() - (shares[0] ?? 1); left > 0 && at < shares.length - 1; left -= shares[at] ?? 0)
      at += 1;
    const values: Record<string, FeatureValue> = { value: `v${at}` };
    const off = isOff && values['value'] === shiftedValue ? shift : 0;
    for (const [index, { name }] of numbers.entries())
      values[name] = (streams[at]?.[index]?.() ?? 0) + at + (index === 0 ? off : 0);
    return values;
  };
}

const inputGroups = features.map(({ group }) => group);
const rowOf = (values: WatchedRow['values'], row: number): WatchedRow => ({
  ...{ requestId: '', atMs: row, release: 1, replicaId: 'a', isAnswered: true, features, inputGroups, values },
  ...{ control: null, unit: null },
});

function keep(windows: Map<number | undefined, DriftWindow[]>, window: DriftWindow): void {
  const own = windows.get(window.slot) ?? [];
  own.push(window);
  windows.set(window.slot, own.length > 2 * mostWindows ? own.slice(-mostWindows) : own);
}

function chooseDue(before: DriftState, windows: ReadonlyMap<number | undefined, readonly DriftWindow[]>): DriftState {
  let state = before;
  if (isChoiceDue(state)) state = chooseBets(state, windows.get(undefined) ?? []);
  for (const { slot } of listDueSlices(state)) state = chooseBetsOfSlice(state, slot, windows.get(slot) ?? []);
  return state;
}
