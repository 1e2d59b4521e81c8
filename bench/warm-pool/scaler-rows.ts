import { lognormalStarts } from '../../src/core/coldstart/stated-starts.ts';
import { plimsollPolicy } from '../../src/core/scaling/own/plimsoll.ts';
import { simulate } from '../../src/core/scaling/simulation/simulate.ts';
import type { SimulatedSpares } from '../../src/core/scaling/simulation/world.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { kinds, startMs, withSpareMs, worldOf } from './worlds.ts';

/** What one service made of its spares. */
export interface ScalerCell {
  readonly spares: 'none' | 'untold' | 'told';
  readonly attainmentShare: number;
  /** Replica-hours of the scored time: without work, and all together; spares are not in them. */
  readonly idleHours: number;
  readonly replicaHours: number;
  readonly starts: number;
  readonly startsOfSpares: number;
}

export interface ScalerRow {
  readonly demand: string;
  readonly cells: readonly ScalerCell[];
  /** Told of spares it has fewer idle replicas than without any, and its attainment is no less, or inside the objective. */
  readonly isTold: boolean;
}

const spareCount = 2;
const draws = 3;
const objectiveShare = 0.99;
/** More idle time than this share more is not the same. */
const sameShare = 1.02;

/** Returns a row for each kind of demand: sums over the draws. */
export function compareScalers(hours: number): readonly ScalerRow[] {
  return kinds.map((_, index) => {
    const cells = (['none', 'untold', 'told'] as const).map((spares) => cellOf(index, hours, spares));
    const [none, , told] = cells;
    if (none === undefined || told === undefined) throw new Error('a cell is missing');
    const isKept = told.attainmentShare >= Math.min(objectiveShare, none.attainmentShare);
    const name = ['calm and busy', 'short bursts', 'silence', 'poisson'][index] ?? String(index);
    return { demand: name, cells, isTold: isKept && told.idleHours <= sameShare * none.idleHours };
  });
}

function cellOf(kind: number, hours: number, spares: ScalerCell['spares']): ScalerCell {
  const kept: SimulatedSpares = {
    count: spareCount,
    starts: lognormalStarts(0.75 * withSpareMs, withSpareMs, 0),
    replaceMs: startMs,
    isTold: spares === 'told',
  };
  const runs = Array.from({ length: draws }, (_, draw) => {
    const world = worldOf(kind + draw * kinds.length, hours);
    return simulate(spares === 'none' ? world : { ...world, spares: kept }, plimsollPolicy, seededRandom(draw + 1));
  });
  const sum = (of: (run: (typeof runs)[number]) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const requests = sum((run) => run.requests);
  const secondsAnHour = 3_600;
  return {
    spares,
    attainmentShare: sum((run) => run.attainmentShare * run.requests) / requests,
    idleHours: sum((run) => run.acceleratorSeconds.idle) / secondsAnHour,
    replicaHours:
      sum(({ acceleratorSeconds: { idle, serving, loading, draining } }) => idle + serving + loading + draining) /
      secondsAnHour,
    starts: sum((run) => run.starts),
    startsOfSpares: sum((run) => run.startsOfSpares ?? 0),
  };
}

export function printScalers(rows: readonly ScalerRow[]): void {
  console.log(`\none service with ${spareCount} spares, sums of ${draws} draws`);
  console.log('demand         spares    in time  idle h  replica h  starts  of spares');
  for (const { demand, cells, isTold } of rows) {
    for (const cell of cells) {
      const columns = [
        demand.padEnd(15),
        cell.spares.padEnd(8),
        `${(100 * cell.attainmentShare).toFixed(2)}%`.padStart(9),
        cell.idleHours.toFixed(2).padStart(8),
        cell.replicaHours.toFixed(2).padStart(11),
        String(cell.starts).padStart(8),
        String(cell.startsOfSpares).padStart(11),
      ];
      console.log(columns.join('') + (cell.spares === 'told' && !isTold ? '  NOT BETTER' : ''));
    }
  }
}
