import { readDemands } from '../../core/hardware/service-demands.ts';
import { findRemedies } from '../../core/packing/plan-ahead/find-remedies.ts';
import { fitHistory } from '../../core/packing/plan-ahead/demand/fit-history.ts';
import { readRecordedDays } from '../../core/packing/plan-ahead/demand/recorded-days.ts';
import { listWorstLosses } from '../../core/packing/plan-ahead/node-losses.ts';
import { planAhead, type AheadTask } from '../../core/packing/plan-ahead/plan-ahead.ts';
import { makePlanReport } from '../../core/packing/plan-ahead/plan-report.ts';
import type { LinearSolver } from '../../core/packing/linear-program.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { planDemand, type AskedDemand } from '../../prove/packing/ahead/plan-demand.ts';
import type { PlannedGround } from '../../prove/packing/ahead/planned-base.ts';
import { makeContractGround, makeContractService } from '../../prove/packing/ahead/read-contract-ground.ts';
import { readStated, readStatedGrowth } from '../../prove/packing/ahead/stated-numbers.ts';
import type {
  ArrivalsAnswer,
  CapacityPlanAnswer,
  CapacityPlanRequest,
} from '../../schemas/http/fleet/http-capacity-plan.ts';
import { readStatedPrices } from '../judging/environment-terms.ts';
import { readPoolOf } from '../judging/pool-pictures.ts';
import { judgeProof, readProof, readShownProof, type ReleaseProof } from '../judging/release-proof.ts';
import type { ServiceScope } from '../service/service-scope.ts';
import type { OperationsSource } from './operations-source.ts';

type PlanSource = Pick<OperationsSource, 'store' | 'blobs' | 'clock' | 'judging'> & {
  readonly facts: Pick<OperationsSource['facts'], 'evidence'>;
};

const dayMs = 86_400_000;
const daysByDefault = 182;
/** Fewer than the command line draws: an answer over HTTP takes a fraction of a second. */
const [draws, seed] = [100, 1];
/** What makes a larger pool last longer takes seconds to find: the command line tells it. */
const remedyNodesAtMost = 100;
/** Pages and programs that ask the same within it get the same answer: a plan of weeks does not move in a minute. */
const keptMs = 60_000;
const keptAtMost = 16;
const keptPlans = new WeakMap<object, Map<string, { readonly atMs: number; readonly answer: CapacityPlanAnswer }>>();

/** Returns the mean rates of the recorded days. */
export async function readArrivals(
  { store, clock }: Pick<PlanSource, 'store' | 'clock'>,
  { service, environment }: ServiceScope,
): Promise<ArrivalsAnswer> {
  return { days: readRecordedDays(await store.arrivalDays(service, environment, 0), clock.nowMs()) };
}

/**
 * Returns the plan of the live release, or of the one that comes in, by its own contract and evidence, the nodes it lands on, the prices of its
 * environment and the recorded arrivals. Other services of the pool are not in it. What is missing is an answer, and no error.
 *
 * @throws PlimsollError `option-invalid` (input) for a growth that cannot be read.
 */
export async function planCapacity(source: PlanSource, request: CapacityPlanRequest): Promise<CapacityPlanAnswer> {
  const { store, clock } = source;
  const { service, environment, growth, days, nodesDown, release } = request;
  const kept =
    keptPlans.get(store) ?? new Map<string, { readonly atMs: number; readonly answer: CapacityPlanAnswer }>();
  keptPlans.set(store, kept);
  const incoming = release === 'incoming' ? await readIncoming(source, request) : null;
  const key = JSON.stringify([service, environment, growth, days, nodesDown, release, incoming]);
  const before = kept.get(key);
  if (before !== undefined && clock.monotonicMs() - before.atMs < keptMs) return before.answer;
  const answer = await planShown(source, request);
  kept.delete(key);
  const [oldest] = kept.keys();
  if (kept.size >= keptAtMost && oldest !== undefined) kept.delete(oldest);
  // What is missing may come at any moment, and costs nothing to be told.
  if (answer.plan !== null) kept.set(key, { atMs: clock.monotonicMs(), answer });
  return answer;
}

async function planShown(source: PlanSource, request: CapacityPlanRequest): Promise<CapacityPlanAnswer> {
  const { service, environment, release = 'live' } = request;
  const { judging, store, clock } = source;
  const incoming = release === 'incoming' ? await readIncomingProof(source, request) : null;
  const proof = release === 'incoming' ? incoming : await readShownProof(judging.shelf, store, service, environment);
  if (proof === null) {
    const reason =
      release === 'incoming'
        ? `no release of ${service} comes in to ${environment}`
        : `nothing of ${service} is released in ${environment}`;
    return missingPlan(reason, 'plimsoll release');
  }
  const { number } = proof.release;
  if ('unknown' in proof) return { ...missingPlan(proof.unknown, 'plimsoll release'), release: number };
  // What is known beside the store is of the live release: the one that comes in is judged by its own bundles.
  const facts = release === 'incoming' ? { evidence: () => judgeProof(judging, store, clock, proof) } : source.facts;
  return { ...(await planRelease({ ...source, facts }, request, proof)), release: number };
}

async function readIncomingProof(
  source: PlanSource,
  scope: ServiceScope,
): Promise<Awaited<ReturnType<typeof readShownProof>>> {
  const { judging, store } = source;
  const number = await readIncoming(source, scope);
  const release = number === null ? null : await store.release(scope.service, scope.environment, number);
  return release === null ? null : readProof(judging.shelf, store, release);
}

/** Number of the release that comes in; null for none. */
const readIncoming = async (
  { store }: Pick<PlanSource, 'store'>,
  { service, environment }: ServiceScope,
): Promise<number | null> => (await store.deployment(service, environment))?.incoming ?? null;

/** As `planCapacity`, of a release whose bundles are open. @param readPool nodes that it lands on */
export async function planRelease(
  source: PlanSource,
  request: CapacityPlanRequest,
  proof: ReleaseProof,
  readPool: typeof readPoolOf = readPoolOf,
): Promise<CapacityPlanAnswer> {
  const { growth = 'recorded' } = request;
  const ground = await readGround(source, proof, readPool);
  if ('missing' in ground) return ground.missing;
  const names = ground.services.map(({ row }) => row.name);
  const stated = readStated({ name: 'growth', form: '5%/week' }, [growth], names, readStatedGrowth);
  const { days: recorded } = await readArrivals(source, request);
  const isTold = recorded.length >= daysForHistory && fitHistory(recorded).growth !== null;
  if (growth === 'recorded' && !isTold) {
    const reason = `recorded days do not tell the growth of ${names.join(', ')}: four whole weeks with requests are needed, and ${recorded.length} days are recorded`;
    return missingPlan(reason, 'growth=5%/week');
  }
  const history = new Map(recorded.length < daysForHistory ? [] : names.map((name) => [name, recorded]));
  return makePlan(source, request, ground, { ...nothingStated, growth: stated, history });
}

/** As `fitHistory` needs them. */
const daysForHistory = 7;
const nothing = { of: () => undefined };
const nothingStated = { forecast: null, rate: nothing, perReplica: nothing, peak: nothing };

/** The nodes and the service of a release; or what is missing. */
async function readGround(
  { store, blobs, clock, judging, facts }: PlanSource,
  proof: ReleaseProof,
  readPool: typeof readPoolOf,
): Promise<PlannedGround | { readonly missing: CapacityPlanAnswer }> {
  const { environment } = proof.release;
  const { contract } = proof.loaded;
  const missing = (reason: string, next: string) => ({ missing: missingPlan(reason, next) });
  if (contract.hardware === undefined || proof.locked === null) {
    return missing(
      `the contract of ${contract.service} writes no hardware, or its lock pins none`,
      'plimsoll explain hardware',
    );
  }
  const reading = readDemands(contract, environment, proof.locked);
  if (reading.kind !== 'known') {
    return missing(reading.kind === 'not-pinned' ? reading.reason : 'no hardware is asked for', 'plimsoll pin');
  }
  const snapshot = await readPool(judging, proof, clock.nowMs());
  if ('reason' in snapshot) return missing(`the nodes are not known: ${snapshot.reason}`, 'plimsoll probe');
  const prices = await readStatedPrices(proof.contract, blobs);
  const bundled = prices !== null && 'value' in prices ? prices.value : null;
  const record = await store.environmentRecord(environment);
  const planned = makeContractService({
    demands: reading.demands,
    contract,
    environment,
    locked: proof.locked,
    states: await facts.evidence(environment),
    book: bundled,
  });
  return makeContractGround(snapshot, [planned], record?.prices ?? null);
}

function makePlan(
  { clock }: PlanSource,
  { days = daysByDefault, nodesDown }: CapacityPlanRequest,
  ground: PlannedGround,
  asked: AskedDemand,
): CapacityPlanAnswer {
  const down = nodesDown ?? (ground.nodes.length > 1 ? 1 : 0);
  if (listWorstLosses(ground.nodes, down) === null) {
    return missingPlan('the nodes are too unlike for so many to be lost at once', 'ask for fewer lost nodes');
  }
  try {
    const services = ground.services.map((base) => planDemand(base, asked));
    const task: AheadTask = {
      startMs: Math.floor(clock.nowMs() / dayMs) * dayMs,
      days,
      nodes: ground.nodes,
      services: services.map(({ service }) => service),
      fixed: ground.fixed,
      nodesDown: down,
      prices: ground.prices,
      draws,
      seed,
    };
    const plan = planAhead(task, noSolver);
    const fullDay = plan.full.notFoundMs === null ? null : (plan.full.notFoundMs - task.startMs) / dayMs;
    const remedies = task.nodes.length > remedyNodesAtMost ? [] : findRemedies(task, fullDay, noSolver);
    return { plan: makePlanReport({ ground, services, task, plan, remedies }), missing: null };
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === 'plan-input-missing') {
      return missingPlan(thrown.message, thrown.next ?? 'plimsoll capacity plan --help');
    }
    throw thrown;
  }
}

const missingPlan = (reason: string, next: string): CapacityPlanAnswer => ({ plan: null, missing: { reason, next } });

/** Whether replicas of one service fit is told by counting: nothing is solved in the process that holds the lease. */
const noSolver: LinearSolver = { open: neverSolve, solveInteger: neverSolve };

function neverSolve(): never {
  throw new PlimsollError({
    code: 'plan-needs-solver',
    category: 'bug',
    message: 'one service is planned without a solver',
  });
}
