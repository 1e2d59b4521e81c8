import type { SimulatedWorld } from '../../simulation/world.ts';
import { eachScored, type DemandSummary } from './demand-summary.ts';
import type { Disposal, Layout, States } from './disposal.ts';
import { DropPrices, type PricedDrops } from './drop-prices.ts';
import { deadlineCell, quantumMsOf, type Grid } from './grid.ts';

/**
 * Requests in any order, at any replica, split as one likes; one that is late is dropped for its price, and takes no time.
 * Every rounding makes it easier (docs/scaling-bounds.md, step 4): `least` is rounded down and one quantum lower, `most` is
 * rounded up.
 */
export function dropInAnyOrder(world: SimulatedWorld, demand: DemandSummary, grid: Grid): Disposal {
  const { cells, cellMs } = grid;
  const arrivedMs = new Float64Array(cells + 1);
  const dueMs = new Float64Array(cells + 1);
  const due = new Int32Array(cells);
  const prices = new DropPrices(cells, quantumMsOf(grid));
  eachScored(world, (atMs, workMs) => {
    const costMs = demand.costOf(workMs);
    const arrival = Math.floor((atMs - world.scoreFromMs) / cellMs);
    if (costMs === Infinity || arrival >= cells) return;
    (arrivedMs[arrival + 1] as number) += costMs;
    const deadline = deadlineCell(atMs - world.scoreFromMs, world.terms.latencyMs, grid);
    if (deadline >= cells) return;
    (dueMs[deadline + 1] as number) += costMs;
    (due[deadline] as number) += 1;
    prices.take(deadline, costMs);
  });
  return new AnyOrder(rounded(arrivedMs, dueMs, quantumMsOf(grid)), due, prices.finish());
}

function rounded(arrivedMs: Float64Array, dueMs: Float64Array, quantumMs: number): Pick<Disposal, 'least' | 'most'> {
  const least = new Int32Array(arrivedMs.length);
  const most = new Int32Array(arrivedMs.length);
  let [mostMs, leastMs] = [0, 0];
  for (let border = 0; border < arrivedMs.length; border += 1) {
    mostMs += arrivedMs[border] as number;
    leastMs += dueMs[border] as number;
    most[border] = Math.ceil(mostMs / quantumMs + 1e-9);
    least[border] = Math.max(0, Math.floor(leastMs / quantumMs - 1e-9) - 1);
  }
  return { least, most };
}

class AnyOrder implements Disposal {
  readonly least: Int32Array;
  readonly most: Int32Array;
  readonly #due: Int32Array;
  readonly #drops: PricedDrops;

  constructor({ least, most }: Pick<Disposal, 'least' | 'most'>, due: Int32Array, drops: PricedDrops) {
    this.least = least;
    this.most = most;
    this.#due = due;
    this.#drops = drops;
  }

  settle(cell: number, served: States, next: States, latePriceMs: number, layout: Layout): void {
    const { from, prices } = this.#drops;
    const first = next.least - served.least;
    const priced = from[cell] as number;
    const quantaDue = (from[cell + 1] as number) - priced - 1;
    const droppable = latePriceMs === Infinity ? 0 : quantaDue;
    for (let state = 0; state < next.states; state += 1) {
      for (let quanta = 0; quanta <= Math.min(droppable, state + first); quanta += 1) {
        const requests = prices[priced + quanta] as number;
        this.#relax(served, state + first - quanta, next, state, requests, latePriceMs, layout.layers);
      }
    }
    if (layout.zeros > 0) this.#dropAllDue(cell, quantaDue, served, next, latePriceMs, layout);
  }

  #relax(
    served: States,
    source: number,
    next: States,
    target: number,
    requests: number,
    latePriceMs: number,
    layers: number,
  ): void {
    const priceMs = requests === 0 ? 0 : requests * latePriceMs;
    const [from, to] = [source * layers, target * layers];
    for (let layer = 0; layer < layers; layer += 1) {
      const cost = (served.costs[from + layer] as number) + priceMs;
      if (cost >= (next.costs[to + layer] as number)) continue;
      next.costs[to + layer] = cost;
      next.counts[to + layer] = (served.counts[from + layer] as number) + requests;
    }
  }

  /** After level 0 in all their cells the requests that are due are late, each of them, and their work is disposed of. */
  #dropAllDue(
    cell: number,
    quantaDue: number,
    served: States,
    next: States,
    latePriceMs: number,
    { layers, zeros }: Layout,
  ): void {
    const first = next.least - served.least;
    const due = this.#due[cell] as number;
    const priceMs = due === 0 ? 0 : due * latePriceMs;
    for (let state = 0; state < next.states; state += 1) {
      const to = state * layers + zeros - 1;
      next.costs[to] = Infinity;
      for (let quanta = 0; quanta <= Math.min(quantaDue, state + first); quanta += 1) {
        const from = (state + first - quanta) * layers + zeros - 1;
        const cost = (served.costs[from] as number) + priceMs;
        if (cost >= (next.costs[to] as number)) continue;
        next.costs[to] = cost;
        next.counts[to] = (served.counts[from] as number) + due;
      }
    }
  }
}
