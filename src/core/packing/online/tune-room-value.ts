import type { Random } from '../../statistics/random.ts';
import { generateColumns, type ColumnOptions } from '../columns/generate-columns.ts';
import type { LinearSolver } from '../linear-program.ts';
import { listWorths, type NodeClass } from '../packing-task.ts';
import { totalDeviceMilli, wholeDeviceMilli, type NodeShape } from '../room.ts';
import { makeExpectedTask, type ExpectedReplicas } from './expected-task.ts';
import { replayArrivals } from './replay-arrivals.ts';
import { makeRoomRule } from './room-rule.ts';
import { makeRoomValue, roomPriceGrid, type RoomValue } from './room-value.ts';

export interface TuneOptions extends ColumnOptions {
  /** Loads whose prices are tried, as multiples of all devices. */
  readonly loads: readonly number[];
  /** Loads at which held devices are measured; ascending. */
  readonly judgedLoads: readonly number[];
  readonly simulations: number;
}

export const tuneDefaults: TuneOptions = {
  loads: [1, 1.1, 1.2],
  judgedLoads: [1, 1.3],
  simulations: 2,
  gapShare: 0.003,
  roundsAtMost: 60,
  labelsAtMost: 20,
};

export interface TunedRoomValue {
  readonly value: RoomValue;
  /** Worths of the replica classes behind the value, in nano. */
  readonly worthsNano: readonly number[];
  /** Where the prices come from: a load, or the mean of the prices of all loads. */
  readonly source: string;
  /** Mean share of devices held in the simulations. */
  readonly heldShare: number;
}

/**
 * Returns the value of room for replicas that come one by one, of which only frequencies are known.
 *
 * Prices of replicas come from the linear program of what is expected, at several loads. From load to load they differ much,
 * since a linear program has its prices at a corner; so their mean is tried too. Each candidate places the same simulated
 * arrivals, drawn by the frequencies, and the one that holds the most devices is taken.
 */
export function tuneRoomValue(
  expected: ExpectedReplicas,
  nodes: readonly NodeClass[],
  solver: LinearSolver,
  random: Random,
  options: TuneOptions = tuneDefaults,
): TunedRoomValue {
  const priced = options.loads.map((load) => {
    const task = makeExpectedTask(expected, nodes, load);
    const { pricesNano } = generateColumns(task, solver, options);
    return { source: `load ${load}`, worthsNano: listWorths(task, pricesNano) };
  });
  const mean = {
    source: `mean of loads ${options.loads.join(', ')}`,
    worthsNano: expected.types.map((_, type) =>
      Math.round(priced.reduce((sum, { worthsNano }) => sum + (worthsNano[type] ?? 0), 0) / priced.length),
    ),
  };
  const shapes = nodes.flatMap(({ shape, count }) => Array.from({ length: count }, () => shape));
  const devicesAtMost = shapes.reduce((most, { devices }) => Math.max(most, devices), 0);
  const arrivals = Array.from({ length: options.simulations }, () =>
    drawExpected(expected, shapes, options.judgedLoads.at(-1) ?? 1, random),
  );
  const candidates = [...priced, mean].map(({ source, worthsNano }): TunedRoomValue => {
    const value = makeRoomValue(expected.types, worthsNano, roomPriceGrid, devicesAtMost);
    const rule = makeRoomRule(expected.types, value);
    const shares = arrivals.flatMap((each) => replayArrivals(rule, expected.types, shapes, each, options.judgedLoads));
    return { value, worthsNano, source, heldShare: shares.reduce((sum, share) => sum + share, 0) / shares.length };
  });
  return candidates.reduce((best, each) => (each.heldShare > best.heldShare ? each : best));
}

/** Returns classes of replicas drawn by their frequency until they ask for `load` times all devices. */
function drawExpected(
  { types, weights }: ExpectedReplicas,
  nodes: readonly NodeShape[],
  load: number,
  random: Random,
): readonly number[] {
  const cumulated: number[] = [];
  for (const weight of weights) cumulated.push((cumulated.at(-1) ?? 0) + weight);
  const total = cumulated.at(-1) ?? 0;
  const wantedMilli = load * wholeDeviceMilli * nodes.reduce((sum, { devices }) => sum + devices, 0);
  const drawn: number[] = [];
  for (let askedMilli = 0; askedMilli < wantedMilli;) {
    const point = random.nextShare() * total;
    const replica = cumulated.findIndex((sum) => sum > point);
    drawn.push(replica);
    const type = types[replica];
    askedMilli += type === undefined ? 0 : totalDeviceMilli(type);
  }
  return drawn;
}
