import { readCapacity } from '../../core/capacity/read-capacity.ts';
import { startDistribution, type StartDistribution } from '../../core/coldstart/start-distribution.ts';
import type { Contract, StartTier } from '../../core/contract/contract.ts';
import { effectiveScaling } from '../../core/contract/defaults.ts';
import { strictestLatency } from '../../core/contract/latency-objective.ts';
import { readColdStart } from '../../core/evidence/kinds/cold-start/start-measurements.ts';
import type { EvidenceKind, EvidenceState, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import type { ScalingFacts } from '../../core/scaling/acting/scaling-facts.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import { pricedTerms, type Prices } from '../../core/cost/priced-terms.ts';
import type { OpenedBundle } from '../judging/bundle-shelf.ts';
import { readStatedPrices } from '../judging/environment-terms.ts';

/**
 * What contract, lock and the freshness of its evidence say to scaling. What is stale is as good as not measured.
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
  const { actuator, warmPool, toZero } = effectiveScaling(contract);
  const objective = strictestLatency(contract.objective);
  const measured = fresh('capacity');
  const capacity = measured === null ? null : readCapacity(measured, contract.objective?.latency ?? null);
  return {
    actuator,
    warmPool,
    zeroProven: toZero === 'when-proven' && passes(states, 'scaling'),
    objective,
    starts: readStarts(fresh('cold-start'), contract.coldStart?.from),
    capacity,
    prices: pricedTerms(prices, locked?.deviceClasses ?? []),
  };
}

/**
 * The prices of a bundle. They only shift what a policy weighs, so that a file that cannot be read or is wrong stops no
 * scaling: it is as none.
 *
 * @param problem told of prices that cannot be read
 */
export async function readBundledPrices(
  opened: OpenedBundle,
  blobs: Pick<Blobs, 'read'>,
  problem: (why: unknown) => void,
): Promise<Prices | null> {
  const { cost } = opened.loaded.contract;
  if (cost === undefined) return null;
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
