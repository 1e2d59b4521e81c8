import type { SimulatedGround } from '../../core/scaling/simulation/score/scaling-report.ts';
import type { Arrivals, SimulatedWorld } from '../../core/scaling/simulation/world.ts';

/** Nobody waits longer: without an end a plan that leaves nothing running would be simulated for hours after the last request. */
const patienceMs = 600_000;

/** As `bench/scaling` has it: a gateway that waits for every request, and metrics once a second that are half a second old. */
export function makeSimulatedWorld(
  {
    terms,
    starts,
    capacity,
    told,
    calendar,
    scoreFromMs,
    endMs,
    initialReplicas,
  }: Pick<
    SimulatedGround,
    'terms' | 'starts' | 'capacity' | 'told' | 'calendar' | 'scoreFromMs' | 'endMs' | 'initialReplicas'
  >,
  { arrivals, unit }: { readonly arrivals: Arrivals; readonly unit: 'tokens' | null },
): SimulatedWorld {
  return {
    ...(told === undefined ? {} : { told }),
    ...(calendar === undefined ? {} : { calendar }),
    ...(unit === null ? {} : { unit }),
    ...{ arrivals, terms, starts, capacity, scoreFromMs, endMs, initialReplicas },
    dropAfterMs: patienceMs,
    queueLimit: 1_000_000,
    metricPeriodMs: 1_000,
    metricLagMs: 500,
    restartBackoffMs: 2_000,
    drainAtMostMs: 30_000,
    stockOuts: [],
  };
}
