import type { PlannedWarmPool } from '../../core/scaling/warm-pool/plan-warm-pool.ts';
import type { RecordedTime } from '../../core/scaling/warm-pool/start-order.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import { formatPercent } from '../../core/units/quantity/quantity-percent.ts';
import type { FleetSpares } from '../../schemas/view/fleet-view.ts';
import { alignedTable } from '../terminal/table.ts';

/** Fewer starts say little of how they fall together. */
const leastStarts = 20;

/** What would be enough, beside what is there. */
export interface ShownPool extends PlannedWarmPool {
  /** Null where the record of the environment keeps none. */
  readonly standing: Pick<FleetSpares, 'wanted' | 'free' | 'starting' | 'taken'> | null;
  readonly taken: {
    readonly starts: number;
    /** Milliseconds from the order to ready; null without a start. */
    readonly medianMs: number | null;
  };
}

interface Shown {
  readonly environment: string;
  readonly time: RecordedTime;
  readonly pools: readonly ShownPool[];
}

/** Returns one block for each environment and each group of services that fit each other. */
export function warmPoolText(shown: readonly Shown[], withSpareMs: number): string {
  if (shown.length === 0) return 'no live service has a decision of scaling on record; next: plimsoll scale status';
  const blocks = shown.flatMap((each) => each.pools.map((pool) => poolLines(each, pool, withSpareMs)));
  return blocks.map((lines) => lines.join('\n')).join('\n\n');
}

function poolLines({ environment, time }: Shown, pool: ShownPool, withSpareMs: number): readonly string[] {
  const { joint, alone, services, starts, replaceMs } = pool;
  const within = formatElapsed(replaceMs);
  return [
    `${environment}: ${services.length} services that one spare fits, ${starts} starts in ${formatElapsed(time.toMs - time.fromMs)}`,
    ...alignedTable([
      ['SERVICE', 'STARTS', 'SPARES ALONE'],
      ...services.map((each) => [each.name, String(each.starts), String(each.alone.spares)]),
    ]),
    `spares: ${joint.spares} together, ${alone} where each service keeps its own`,
    `more than ${joint.spares} starts fall within ${within} for ${formatPercent(joint.beyondShare)} of the time; up to ${formatPercent(joint.allowedShare)} costs less than one more spare`,
    `starts that found a spare: ${foundText(pool.foundShare)} together, ${foundText(pool.foundAloneShare)} alone; a start takes ${formatElapsed(withSpareMs)} with one and ${within} without`,
    `price: ${Number(pool.pricePerHour.toPrecision(6))} an hour for the joint spares`,
    ...keptLines(pool),
    ...(starts < leastStarts ? [`${starts} starts say little: ${leastStarts} at least`] : []),
  ];
}

function keptLines({ standing, taken }: ShownPool): readonly string[] {
  const kept =
    standing === null
      ? 'kept: none; next: write `warmPool: N` into the record, plimsoll environment set --help'
      : `kept: ${standing.wanted} asked for, ${standing.free} free, ${standing.starting} starting; taken by replicas that run: ${standing.taken}`;
  const { starts, medianMs } = taken;
  return medianMs === null ? [kept] : [kept, `starts that took a spare: ${starts}, median ${formatElapsed(medianMs)}`];
}

const foundText = (share: number | null): string => (share === null ? 'unknown' : formatPercent(share));
