import type { ServiceCurve } from '../../../capacity/service-curve.ts';
import type { SimulatedWorld } from '../../simulation/world.ts';
import { eachScored, type DemandSummary } from './demand-summary.ts';
import type { Disposal, Layout, States } from './disposal.ts';
import { deadlineCell, quantumMsOf, type Grid } from './grid.ts';
import { requestCost } from '../request-cost.ts';

/**
 * Requests are taken first come first served, and a late one takes its time as any other: what a policy of replica counts has to
 * live with. Null where a request may be lost in another way than by waiting too long: in a full queue or a drain cut short.
 *
 * A request that is in time at its deadline has been taken, and so has each before it; those hold at most `leftMs` of unserved
 * work on each replica that is there. So with y disposed of it is late where the work up to it exceeds `y + leftMs * level`.
 * What has waited for twice the latency (or `dropAfterMs`, if that is less) is disposed of for nothing.
 */
export function serveInOrder(world: SimulatedWorld, demand: DemandSummary, grid: Grid): Disposal | null {
  if (mayOverflow(world)) return null;
  const sizes = sizesInOrder(world);
  if (sizes === null) return null;
  const quantumMs = quantumMsOf(grid);
  const keptMs = Math.min(2 * world.terms.latencyMs, world.dropAfterMs ?? Infinity);
  const arrivedMs = new Float64Array(grid.cells + 1);
  const goneMs = new Float64Array(grid.cells + 1);
  const late = new LateCounts(grid.cells, quantumMs);
  let positionMs = 0;
  eachScored(world, (atMs, workMs) => {
    const fromMs = atMs - world.scoreFromMs;
    const costMs = sizes.costOf(workMs);
    positionMs += costMs;
    const arrival = Math.floor(fromMs / grid.cellMs);
    if (arrival < grid.cells) (arrivedMs[arrival + 1] as number) += costMs;
    const gone = Math.floor((fromMs + keptMs) / grid.cellMs);
    if (gone < grid.cells) (goneMs[gone + 1] as number) += costMs;
    const deadline = deadlineCell(fromMs, world.terms.latencyMs, grid);
    if (deadline < grid.cells && demand.costOf(workMs) < Infinity) late.take(deadline, positionMs);
  });
  return new InOrder(
    cumulative(goneMs, (ms) => Math.floor(ms / quantumMs + 1e-9)),
    cumulative(arrivedMs, (ms) => Math.ceil(ms / quantumMs + 1e-9)),
    late.finish(),
    Math.ceil(sizes.leftMs / quantumMs),
  );
}

/** Whether more may wait than the queue holds: only what has not waited `dropAfterMs` waits. */
function mayOverflow(world: SimulatedWorld): boolean {
  const recent: number[] = [];
  let [oldest, most] = [0, 0];
  eachScored({ ...world, scoreFromMs: -Infinity }, (atMs) => {
    recent.push(atMs);
    while (world.dropAfterMs !== null && (recent[oldest] as number) < atMs - world.dropAfterMs) oldest += 1;
    most = Math.max(most, recent.length - oldest);
  });
  return most > world.queueLimit;
}

interface SizesInOrder {
  /** Replica-time of a request at the best throughput, cut off where the sizes are too unequal, milliseconds. */
  readonly costOf: (workMs: number) => number;
  /** Of what one replica has taken, unserved at most when a request taken later is answered. */
  readonly leftMs: number;
}

/**
 * `slots`: a request that was answered took at least its work, so that each one taken before it and still under way has had
 * `slowest * leastWork` since. Costs are cut off (which only takes work away) so that what is left is a third of the latency.
 * Null where a drain may be cut short.
 */
function sizesInOrder(world: SimulatedWorld): SizesInOrder | null {
  const { curve } = world.capacity;
  const costOf = requestCost(curve, Number.MAX_SAFE_INTEGER, 0);
  let [leastMs, mostMs] = [Infinity, 0];
  eachScored({ ...world, scoreFromMs: -Infinity }, (_atMs, workMs) => {
    leastMs = Math.min(leastMs, workMs);
    mostMs = Math.max(mostMs, workMs);
  });
  const { room, slowest, longestMs } = pace(curve, mostMs);
  if (mostMs === 0 || longestMs > world.drainAtMostMs) return null;
  const leftMs = room * costOf(mostMs) * Math.max(0, 1 - (slowest * leastMs) / mostMs);
  const mayBeLeftMs = world.terms.latencyMs / 3;
  if (leftMs <= mayBeLeftMs) return { costOf, leftMs };
  const cutMs = mayBeLeftMs / room;
  return { costOf: (workMs) => Math.min(cutMs, costOf(workMs)), leftMs: mayBeLeftMs };
}

/** Requests that one replica holds at most, the least speed of one that it has taken, and the longest that one may take. */
function pace(curve: ServiceCurve, mostMs: number): { room: number; slowest: number; longestMs: number } {
  if (curve.kind === 'batch') {
    const room = curve.batchMs.length;
    return { room, slowest: 0, longestMs: mostMs * Math.max(...curve.batchMs) };
  }
  const slowest = curve.speeds[curve.slots - 1] as number;
  return { room: curve.slots, slowest, longestMs: mostMs / slowest };
}

function cumulative(eachMs: Float64Array, round: (ms: number) => number): Int32Array {
  let sumMs = 0;
  return Int32Array.from(eachMs, (ms) => round((sumMs += ms)));
}

/** `counts[from[k] + j - first[k]]` requests that are due in cell k lie behind the first j quanta. */
interface QuantaLate {
  readonly from: Int32Array;
  readonly first: Int32Array;
  readonly due: Int32Array;
  readonly counts: Int32Array;
}

class LateCounts {
  readonly #quantumMs: number;
  readonly #positions: number[][] = [];
  readonly #cells: number;

  constructor(cells: number, quantumMs: number) {
    this.#cells = cells;
    this.#quantumMs = quantumMs;
  }

  take(cell: number, positionMs: number): void {
    (this.#positions[cell] ??= []).push(positionMs / this.#quantumMs);
  }

  finish(): QuantaLate {
    const from = new Int32Array(this.#cells + 1);
    const first = new Int32Array(this.#cells);
    const due = new Int32Array(this.#cells);
    const counts: number[] = [];
    for (let cell = 0; cell < this.#cells; cell += 1) {
      const positions = this.#positions[cell] ?? [];
      due[cell] = positions.length;
      first[cell] = Math.floor(positions[0] ?? 0);
      let served = 0;
      for (let quanta = first[cell] as number; served < positions.length; quanta += 1) {
        // Rounding may move a position: it counts as late only where it is so beyond that.
        while (served < positions.length && (positions[served] as number) <= quanta + 1e-6) served += 1;
        counts.push(positions.length - served);
      }
      from[cell + 1] = counts.length;
    }
    return { from, first, due, counts: Int32Array.from(counts) };
  }
}

class InOrder implements Disposal {
  readonly least: Int32Array;
  readonly most: Int32Array;
  readonly #late: QuantaLate;
  readonly #leftQuanta: number;

  constructor(least: Int32Array, most: Int32Array, late: QuantaLate, leftQuanta: number) {
    this.least = least;
    this.most = most;
    this.#late = late;
    this.#leftQuanta = leftQuanta;
  }

  settle(cell: number, served: States, next: States, latePriceMs: number, layout: Layout): void {
    const { layers } = layout;
    for (let state = 0; state < served.states; state += 1) {
      const disposed = Math.max(next.least, served.least + state);
      const to = (disposed - next.least) * layers;
      for (let layer = 0; layer < layers; layer += 1) {
        const cost = served.costs[state * layers + layer] as number;
        if (cost === Infinity) continue;
        const late = this.#lateIn(cell, disposed, layer, layout);
        const total = late === 0 ? cost : cost + late * latePriceMs;
        if (total >= (next.costs[to + layer] as number)) continue;
        next.costs[to + layer] = total;
        next.counts[to + layer] = (served.counts[state * layers + layer] as number) + late;
      }
    }
  }

  #lateIn(cell: number, disposed: number, layer: number, { layers, zeros, firstLevel }: Layout): number {
    const { from, first, due, counts } = this.#late;
    if (layer === zeros - 1) return due[cell] as number;
    // How many replicas there are above the highest level is not known, and so not what they hold.
    if (layer === layers - 1) return 0;
    const level = layer < zeros ? 0 : layer - zeros + firstLevel;
    // One more, because what is disposed of was rounded down.
    const index = disposed + 1 + level * this.#leftQuanta - (first[cell] as number);
    if (index < 0) return due[cell] as number;
    return index < (from[cell + 1] as number) - (from[cell] as number)
      ? (counts[(from[cell] as number) + index] as number)
      : 0;
  }
}
