import { proveSteps } from '../../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { readCapacity } from '../../../core/capacity/read-capacity.ts';
import type { Contract } from '../../../core/contract/contract.ts';
import { effectiveScaling } from '../../../core/contract/defaults.ts';
import { nameClasses } from '../../../core/cost/prices/class-names.ts';
import type { PriceBook } from '../../../core/cost/prices/price-book.ts';
import type { EvidenceKind, EvidenceState, LockedEnvironment } from '../../../core/evidence/lock/lock.ts';
import { readScaling } from '../../../core/evidence/kinds/scaling/scaling-measurements.ts';
import type { ServiceDemands } from '../../../core/hardware/compatibility.ts';
import { makePoolTask, type PoolTask } from '../../../core/packing/named/pool-task.ts';
import { acceptsModel } from '../../../core/packing/room.ts';
import type { PricedNode } from '../../../core/packing/plan-ahead/ahead-money.ts';
import { heldFactors, type Limits } from '../../../core/packing/plan-ahead/service-need.ts';
import { describeClass } from '../../../core/pool/classes/device-class.ts';
import { classesOf, type PoolSnapshot } from '../../../core/pool/snapshot/pool-snapshot.ts';
import { meanInterval } from '../../../core/statistics/distributions/student-t.ts';
import type { Project } from '../../../ports/project/project.ts';
import { readPricesFile } from '../../files/read-prices-file.ts';
import { judgeCheckout } from '../../judge/judge-checkout.ts';
import { readService } from '../../verify/verify-service.ts';
import type { Missing, PlannedBase, PlannedGround, Sourced } from './planned-base.ts';
import { missingPeak, missingRate } from './read-listed-ground.ts';

/** One service in one environment: its contract, what its lock pins, and its fresh evidence. */
export interface ContractService {
  readonly demands: ServiceDemands;
  readonly contract: Contract;
  readonly base: Omit<PlannedBase, 'row'>;
  readonly book: PriceBook | null;
}

/**
 * Returns the services of contracts on the nodes of a pool: what `verify` admits, with the rate of a replica from fresh
 * capacity evidence, and the peak and the rate from fresh scaling evidence.
 * @throws PlimsollError as `readService`.
 */
export async function readContractGround(
  snapshot: PoolSnapshot,
  found: readonly { readonly project: Project; readonly environment: string }[],
  stated: { readonly nowMs: number; readonly book: PriceBook | null },
): Promise<PlannedGround> {
  const services: ContractService[] = [];
  for (const each of found) services.push(await readOne(each.project, each.environment, stated.nowMs));
  return makeContractGround(snapshot, services, stated.book);
}

/** Returns services on the nodes of a pool. @param stated prices; null for those of the services */
export function makeContractGround(
  snapshot: PoolSnapshot,
  services: readonly ContractService[],
  stated: PriceBook | null,
): PlannedGround {
  const task = makePoolTask(
    services.map(({ demands }) => ({ demands, replicas: 0 })),
    snapshot,
  );
  const book = stated ?? services.find((each) => each.book !== null)?.book ?? null;
  const [first] = services;
  const classes = [...classesOf(snapshot, first?.demands.hardware.accelerator ?? 'cpu')];
  const named = classes.map(([digest, each]) => ({ digest, text: describeClass(each) }));
  return {
    pool: snapshot.pool,
    nodes: priceNodes(task.nodes, snapshot),
    services: services.flatMap(({ base }, at) => {
      const row = task.replicas[at];
      return row === undefined ? [] : [{ ...base, row }];
    }),
    fixed: [],
    prices: book === null ? null : { book: nameClasses(book, named), pool: snapshot.pool },
    notes: [...task.notes, ...noteRefused(task.nodes, task.replicas)],
  };
}

/** Services that `verify` passes on no node of the pool: they are full from the first day on. */
function noteRefused(nodes: PoolTask['nodes'], rows: PoolTask['replicas']): readonly string[] {
  return rows
    .filter(({ shape }) => !nodes.some((node) => acceptsModel(shape, node.shape.model)))
    .map(({ name }) => `no node of the pool admits ${name}, so that it is full from the first day on: plimsoll verify`);
}

/** The product of the first device of a node names the class of all of them, as rows of the ledger do. */
function priceNodes(nodes: PoolTask['nodes'], { nodes: facts }: PoolSnapshot): readonly PricedNode[] {
  const products = new Map(facts.map(({ name, devices }) => [name, devices?.[0]?.product ?? 'default']));
  return nodes.map((node) => ({ ...node, deviceClass: products.get(node.name) ?? 'default' }));
}

async function readOne(project: Project, environment: string, nowMs: number): Promise<ContractService> {
  const { demands, locked, loaded } = await readService(project, environment);
  const { contract } = loaded;
  const states = await judgeCheckout(project, environment, nowMs);
  const book = await readPricesFile(project.folder, contract);
  return makeContractService({ demands, contract, environment, locked, states, book });
}

/** Returns what is planned of a service by its contract and its evidence. @param states of the evidence that `locked` holds */
export function makeContractService({
  demands,
  contract,
  environment,
  locked,
  states,
  book,
}: {
  readonly demands: ServiceDemands;
  readonly contract: Contract;
  readonly environment: string;
  readonly locked: LockedEnvironment;
  readonly states: readonly EvidenceState[];
  readonly book: PriceBook | null;
}): ContractService {
  const name = `${contract.service}/${environment}`;
  const { replicas } = effectiveScaling(contract);
  const fresh = (kind: EvidenceKind): Readonly<Record<string, unknown>> | null => {
    const isFresh = states.some((state) => state.kind === kind && state.freshness === 'fresh');
    return isFresh ? measurementsOf(locked, kind) : null;
  };
  const why = (kind: EvidenceKind): string => {
    const { freshness, reasons } = states.find((state) => state.kind === kind) ?? { freshness: 'missing', reasons: [] };
    return [freshness, ...reasons.slice(0, 1)].join(': ');
  };
  return {
    demands,
    contract,
    base: {
      perReplica: readPerReplica(fresh('capacity'), contract, name, why('capacity')),
      ...readShown(fresh('scaling'), name, why('scaling')),
      floor: replicas.min,
      atMost: replicas.max,
    },
    book,
  };
}

/** Six and a half days: a trace of a week ends at its last request. */
const mostOfWeekMs = 6.5 * 86_400_000;

const measurementsOf = (locked: LockedEnvironment, kind: EvidenceKind): Readonly<Record<string, unknown>> | null =>
  locked.evidence[kind]?.measurements ?? null;

function readPerReplica(
  measurements: Readonly<Record<string, unknown>> | null,
  { objective }: Contract,
  name: string,
  why: string,
): Sourced<Limits> | Missing {
  const capacity = measurements === null ? null : readCapacity(measurements, objective?.latency ?? null);
  if (capacity !== null) return { value: limitsOfRate(capacity), from: 'capacity evidence' };
  return {
    missing: `nothing says what one replica of ${name} sustains: capacity evidence is ${measurements === null ? why : 'without a rate'}`,
    next: nextStep(proveSteps, 'plan-input-missing/capacity', { name }),
  };
}

/** The rate by which replicas are ordered is the estimate. Limits that evidence does not have are the rate itself. */
function limitsOfRate({
  ratePerSecond,
  interval,
}: {
  readonly ratePerSecond: number;
  readonly interval?: { readonly lower: number; readonly upper: number | null };
}): Limits {
  const lower = Math.min(ratePerSecond, interval?.lower ?? ratePerSecond);
  return { lower, estimate: ratePerSecond, upper: Math.max(ratePerSecond, interval?.upper ?? ratePerSecond) };
}

/** What the simulation of scaling evidence showed: the rate of its arrivals, and what the policy held beyond the mean. */
function readShown(
  measurements: Readonly<Record<string, unknown>> | null,
  name: string,
  why: string,
): Pick<PlannedBase, 'held' | 'rate' | 'peakCoversWeek'> {
  const shown = measurements === null ? null : readScaling(measurements);
  const [run] = shown?.runs ?? [];
  if (shown === null || run === undefined) {
    const [held, rate] = [missingPeak(name), missingRate(name)];
    const missing = `${held.missing}: scaling evidence is ${why}`;
    return { held: { ...held, missing }, rate, peakCoversWeek: false };
  }
  const seconds = (shown.endMs - shown.scoreFromMs) / 1_000;
  const meanRatePerSecond = run.requests / seconds;
  const from = `scaling evidence, ${shown.arrivals.name}`;
  const rate = { value: meanRatePerSecond, from };
  const peakCoversWeek = shown.arrivals.spanMs >= mostOfWeekMs;
  const { peakReplicas } = shown;
  if (peakReplicas === undefined) {
    const held = missingPeak(name);
    const missing = `${held.missing}: the scaling evidence is of a version that did not record it`;
    return { held: { ...held, missing }, rate, peakCoversWeek };
  }
  const meanReplicas = meanInterval(shown.runs.map(({ acceleratorSeconds }) => acceleratorSeconds)).mean / seconds;
  const factors = heldFactors({
    meanRatePerSecond,
    perReplicaPerSecond: shown.ratePerSecond,
    peakReplicas,
    meanReplicas,
  });
  return { held: { value: factors, from }, rate, peakCoversWeek };
}
