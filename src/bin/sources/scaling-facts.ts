import { judgeCheckout } from '../../prove/judge/judge-checkout.ts';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readCapacity } from '../../core/capacity/read-capacity.ts';
import { startDistribution, type StartDistribution } from '../../core/coldstart/start-distribution.ts';
import type { Contract, StartTier } from '../../core/contract/contract.ts';
import { effectiveScaling } from '../../core/contract/defaults.ts';
import type { EvidenceKind, EvidenceState } from '../../core/evidence/lock/lock.ts';
import { readColdStart } from '../../core/evidence/kinds/cold-start/start-measurements.ts';
import { strictestLatency } from '../../core/contract/latency-objective.ts';
import type { ScalingFacts } from '../../core/scaling/acting/scaling-facts.ts';
import type { Project } from '../../ports/project/project.ts';
import { pricedTerms, readPrices, type Prices } from '../../schemas/prices.ts';

/**
 * What contract, lock and the freshness of its evidence say to scaling. What is stale is as good as not measured.
 *
 * @param problem told of prices that cannot be read
 */
export async function scalingFactsOf(
  project: Project,
  environment: string,
  nowMs: number,
  problem: (thrown: unknown) => void,
): Promise<ScalingFacts> {
  const { contract } = await project.contract();
  const states = await judgeCheckout(project, environment, nowMs);
  const locked = (await project.lock())?.environments[environment];
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
    prices: pricedTerms(await readPricesOf(project.folder, contract, problem), locked?.deviceClasses ?? []),
  };
}

/** Prices only shift what a policy weighs, so that a file that cannot be read or is wrong stops no scaling: it is as none. */
async function readPricesOf(
  folder: string,
  { cost }: Contract,
  problem: (thrown: unknown) => void,
): Promise<Prices | null> {
  if (cost === undefined) return null;
  try {
    return readPrices(await readFile(path.join(folder, cost.prices), 'utf8'), cost.prices);
  } catch (thrown) {
    problem(thrown);
    return null;
  }
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
