import { readCapacity } from '../../core/capacity/read-capacity.ts';
import { startDistribution, type StartDistribution } from '../../core/coldstart/start-distribution.ts';
import { capacityObjective } from '../../core/contract/objective/capacity-objective.ts';
import type { Contract, StartTier } from '../../core/contract/contract.ts';
import { effectiveScaling } from '../../core/contract/defaults.ts';
import { defaultZone } from '../../core/contract/schedule/schedule.ts';
import { strictestLatency } from '../../core/contract/objective/latency-objective.ts';
import { invalidatedByWatch } from '../../core/evidence/freshness.ts';
import { readColdStart } from '../../core/evidence/kinds/cold-start/start-measurements.ts';
import type { EvidenceKind, EvidenceState, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import type { ScalingFacts } from '../../core/scaling/acting/scaling-facts.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import { pricedReplicaOf, pricedTerms, type Prices } from '../../core/cost/priced-terms.ts';
import type { PriceBook } from '../../core/cost/prices/price-book.ts';
import { pricesAt } from '../../core/cost/prices/prices-at.ts';
import type { EnvironmentTerms } from '../../core/fleet/environment/environment-record.ts';
import { poolNameOf } from '../../core/fleet/environment/pool-name.ts';
import type { OpenedBundle } from '../judging/bundle-shelf.ts';
import { readStatedClasses, readStatedPrices } from '../judging/environment-terms.ts';

/**
 * What contract, lock and the freshness of its evidence say to scaling. What is stale is as good as not measured, but for a capacity
 * that only the watch of the live service contradicts: scaling learns what replicas carry from there, and must not stop for it.
 *
 * | capacity evidence | scaling |
 * |---|---|
 * | fresh | decides by it |
 * | stale by invalidations of the watch alone | decides by it and what is learned of it, and says so |
 * | stale by anything else: another model, device class, age | has none, so that the number stays |
 *
 * @param prices null where there are none, or they cannot be read
 */
export function scalingFactsOf(
  contract: Contract,
  locked: LockedEnvironment | null,
  states: readonly EvidenceState[],
  prices: Prices | null,
): ScalingFacts {
  const evidence = locked?.evidence ?? {};
  const fresh = (kind: EvidenceKind): Readonly<Record<string, unknown>> | null => {
    const state = states.find((candidate) => candidate.kind === kind);
    return state?.freshness === 'fresh' ? (evidence[kind]?.measurements ?? null) : null;
  };
  const { actuator, warmPool, toZero, zone = defaultZone, schedule, sleep } = effectiveScaling(contract);
  const isWritten = contract.scaling?.zone !== undefined || schedule !== undefined;
  const objective = strictestLatency(contract.objective);
  const capacityDoubt = doubtOf(states.find(({ kind }) => kind === 'capacity'));
  const measured = capacityDoubt === null ? fresh('capacity') : (evidence.capacity?.measurements ?? null);
  const capacity = measured === null ? null : readCapacity(measured, capacityObjective(contract));
  return {
    actuator,
    warmPool,
    ...(isWritten ? { calendar: { zone, schedule: schedule ?? [] } } : {}),
    ...(sleep === undefined ? {} : { sleep }),
    zeroProven: toZero === 'when-proven' && passes(states, 'scaling'),
    objective,
    starts: readStarts(fresh('cold-start'), contract.coldStart?.from),
    capacity,
    ...(capacityDoubt === null ? {} : { capacityDoubt }),
    prices: pricedTerms(prices, pricedReplicaOf(contract, locked?.deviceClasses ?? [])),
  };
}

/** What the watch of the live service says against evidence that nothing else speaks against; null where that is not so. */
function doubtOf(state: EvidenceState | undefined): string | null {
  const [reason] = state?.reasons ?? [];
  if (state?.freshness !== 'stale' || reason === undefined) return null;
  return state.reasons.every((each) => each.startsWith(invalidatedByWatch))
    ? reason.slice(invalidatedByWatch.length)
    : null;
}

/** A release, and the record of its environment. */
export interface PricedRelease {
  readonly opened: OpenedBundle;
  readonly environment: string;
  readonly record: Pick<EnvironmentTerms, 'platform' | 'pool' | 'prices'> | null;
}

/**
 * Returns what a release is priced by now: by the record of its environment, else by the book of its bundle. Prices only shift
 * what a policy weighs, so that a file that cannot be read or is wrong stops no scaling: it is as none.
 *
 * @param problem told of prices that cannot be read
 */
export async function readPricesNow(
  { opened, environment, record }: PricedRelease,
  blobs: Pick<Blobs, 'read'>,
  nowMs: number,
  problem: (why: unknown) => void,
): Promise<Prices | null> {
  const book = record?.prices ?? (await readBundledBook(opened, blobs, problem));
  if (book === null) return null;
  const stated = record?.pool?.classes === undefined ? await readStatedClasses(opened, blobs) : null;
  const classes = record?.pool?.classes ?? (stated !== null && 'value' in stated ? stated.value : []);
  const pool = poolNameOf(environment, record, opened.loaded.contract.environments[environment]);
  return pricesAt(book, { pool, atMs: nowMs, classes });
}

async function readBundledBook(
  opened: OpenedBundle,
  blobs: Pick<Blobs, 'read'>,
  problem: (why: unknown) => void,
): Promise<PriceBook | null> {
  const { cost } = opened.loaded.contract;
  if (cost?.prices === undefined) return null;
  const stated = await readStatedPrices(opened, blobs);
  if (stated !== null && 'value' in stated) return stated.value;
  problem(new RangeError(`${cost.prices} is ${stated === null ? 'not in the bundle' : stated.unreadable}`));
  return null;
}

function passes(states: readonly EvidenceState[], kind: EvidenceKind): boolean {
  return states.some((state) => state.kind === kind && state.freshness === 'fresh' && state.verdict === 'pass');
}

/** Of the tier that the budget speaks of: what a start is expected to begin from. */
function readStarts(
  measurements: Readonly<Record<string, unknown>> | null,
  tier: StartTier | undefined,
): StartDistribution | null {
  const measured = measurements === null ? null : readColdStart(measurements);
  const starts = tier === undefined ? undefined : measured?.tiers[tier]?.starts;
  return starts === undefined || starts.length === 0 ? null : startDistribution(starts);
}
