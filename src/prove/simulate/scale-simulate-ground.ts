import { judgeCheckout } from '../judge/judge-checkout.ts';
import { readCapacity } from '../../core/capacity/read-capacity.ts';
import { statedCapacity } from '../../core/capacity/read-stated-curve.ts';
import type { ReplicaCapacity } from '../../core/capacity/service-curve.ts';
import { quantileMs, startDistribution, type StartDistribution } from '../../core/coldstart/start-distribution.ts';
import { capacityObjective } from '../../core/contract/objective/capacity-objective.ts';
import type { Contract } from '../../core/contract/contract.ts';
import { effectiveScaling } from '../../core/contract/defaults.ts';
import type { EvidenceKind, EvidenceState, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import type { SimulatedPrices } from '../../core/evidence/kinds/scaling/scaling-measurements.ts';
import type { SubjectDigests } from '../../core/evidence/subjects.ts';
import { shortDigest, type Digest } from '../../core/units/digest.ts';
import { readColdStart } from '../../core/evidence/kinds/cold-start/start-measurements.ts';
import { strictestLatency } from '../../core/contract/objective/latency-objective.ts';
import type { ScalingTerms } from '../../core/scaling/policy.ts';
import type { SimulatedGround } from '../../core/scaling/simulation/score/scaling-report.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { Project } from '../../ports/project/project.ts';
import {
  acceleratorSecondOf,
  pricedReplicaOf,
  pricedTerms,
  type PricedTerms,
  type Prices,
} from '../../core/cost/priced-terms.ts';
import type { PriceBook } from '../../core/cost/prices/price-book.ts';
import { pricesDigest, priceText } from '../../core/cost/prices/price-texts.ts';
import { pricesAt } from '../../core/cost/prices/prices-at.ts';
import type { EnvironmentTerms } from '../../core/fleet/environment/environment-record.ts';
import { poolNameOf } from '../../core/fleet/environment/pool-name.ts';
import { readClassNames } from '../files/class-names.ts';
import { readPricesFile } from '../files/read-prices-file.ts';
import { beginMeasuring, type Measuring } from '../evidence/measuring.ts';
import { optionInvalid } from './option-text.ts';
import type { SimulateOptions } from './scale-simulate-options.ts';
import { calendarOfSimulation, type CalendarOptions } from './scale-simulate-calendar.ts';
import { toldEvidence } from './scale-simulate-told.ts';
import type { ProvingPorts } from '../ports.ts';

/** The project that a simulation is of, and what its lock says. */
export interface SimulatedProject {
  readonly project: Project;
  readonly environment: string;
  readonly contract: Contract;
  readonly locked: LockedEnvironment | null;
  readonly states: readonly EvidenceState[];
  /** What evidence of it is recorded by; null where the lock does not pin the environment. */
  readonly measuring: Measuring | null;
  /** Of the file that the contract names, or else of the environment's record; null where neither is there. */
  readonly prices: NamedPrices | null;
}

interface NamedPrices {
  readonly currency: string;
  /** At the time of the simulation; null where nothing has a price then. */
  readonly list: Prices | null;
  readonly digest: Digest;
  /** `prices.yaml`, `the record of prod`. */
  readonly from: string;
}

/**
 * Null where there is no contract, and none was named.
 * @param recorded the record of an environment, where a control plane can be asked.
 */
export async function simulatedProject(
  context: Pick<ProvingPorts, 'clock' | 'environment' | 'project'>,
  { contractNamed, record }: Pick<SimulateOptions, 'contractNamed' | 'record'>,
  recorded: (environment: string) => Promise<EnvironmentTerms | null>,
): Promise<SimulatedProject | null> {
  const found = await findContract(context).catch((thrown: unknown) => {
    const isMissing = thrown instanceof PlimsollError && thrown.code === 'contract-missing';
    if (isMissing && !contractNamed && !record) return null;
    throw thrown;
  });
  if (found === null) return null;
  const { project, loaded } = found;
  const environment = await context.environment();
  const locked = (await project.lock())?.environments[environment] ?? null;
  const prices = await findPrices(project, loaded.contract, environment, recorded, context.clock.nowMs());
  const begun = locked === null ? null : await beginMeasuring(project, loaded, environment, locked);
  const measuring = begun === null ? null : { ...begun, subjects: withPrices(begun.subjects, prices) };
  const states = await judgeCheckout(project, environment, context.clock.nowMs());
  return { project, environment, contract: loaded.contract, locked, states, measuring, prices };
}

async function findPrices(
  project: Project,
  contract: Contract,
  environment: string,
  recorded: (environment: string) => Promise<EnvironmentTerms | null>,
  nowMs: number,
): Promise<NamedPrices | null> {
  const own = await readPricesFile(project.folder, contract);
  const record = own === null ? await recorded(environment) : null;
  const classes = record?.pool?.classes ?? (await readClassNames(project, contract, environment));
  const list = (book: PriceBook): Prices | null => {
    const pool = poolNameOf(environment, record, contract.environments[environment]);
    return pricesAt(book, { pool, atMs: nowMs, classes });
  };
  const file = contract.cost?.prices;
  if (own !== null && file !== undefined) {
    const digest = (await project.fileDigest(file)) ?? pricesDigest(own);
    return { currency: own.currency, list: list(own), digest, from: file };
  }
  const book = record?.prices;
  if (book === undefined) return null;
  return {
    ...{ currency: book.currency, list: list(book), digest: pricesDigest(book) },
    from: `the record of ${environment}`,
  };
}

/** Evidence is of the prices that were weighed with, and of no earlier ones. */
function withPrices({ prices: _, ...subjects }: SubjectDigests, named: NamedPrices | null): SubjectDigests {
  return named === null ? subjects : { ...subjects, prices: named.digest };
}

async function findContract(context: Pick<ProvingPorts, 'project'>) {
  const project = await context.project();
  return { project, loaded: await project.contract() };
}

type Told<T> = { readonly value: T; readonly from: string };
const stated = 'stated, not measured';

type GroundOptions = Pick<
  SimulateOptions,
  'start' | 'curve' | 'latency' | 'min' | 'max' | 'toZero' | 'sleep' | 'record'
> &
  Partial<Pick<SimulateOptions, 'toldCurve' | 'toldStart'>> &
  Partial<CalendarOptions>;

/** What the policies are told. An option overrides what was measured. @throws PlimsollError naming the option that is missing. */
export async function groundOfSimulation(
  options: GroundOptions,
  of: SimulatedProject | null,
): Promise<Omit<SimulatedGround, 'scoreFromMs' | 'endMs'>> {
  const objective = objectiveOf(options, of);
  const [starts, capacity] = [startsOf(options, of), capacityOf(options, of)];
  const bounds = boundsOf(options, of);
  const prices = pricesOf(of);
  const sleeps = sleepOf(options, starts.value, of);
  const told = toldEvidence(options, { capacity: capacity.value, starts: starts.value });
  const { begins, schedule, seasons = false } = options;
  const calendar = calendarOfSimulation({ begins, schedule, seasons }, of?.contract ?? null);
  const terms: ScalingTerms = { ...bounds.value, ...objective.value, ...prices.value.terms, ...sleeps };
  return {
    terms,
    starts: starts.value,
    capacity: capacity.value,
    ...(told === undefined ? {} : { told }),
    ...(calendar === undefined ? {} : { calendar }),
    initialReplicas: Math.max(1, terms.minReplicas),
    currency: prices.value.currency,
    prices: prices.value.named,
    from: {
      starts: starts.from,
      capacity: capacity.from,
      objective: objective.from,
      replicas: bounds.from,
      prices: prices.from,
    },
  };
}

function objectiveOf(
  { latency }: GroundOptions,
  of: SimulatedProject | null,
): Told<Pick<ScalingTerms, 'latencyMs' | 'attainmentShare'>> {
  if (latency !== undefined) return { value: latency, from: of === null ? 'stated' : 'stated, not of the contract' };
  const promised = strictestLatency(of?.contract.objective);
  if (promised !== null) return { value: promised, from: 'the contract' };
  throw missing(
    of === null ? 'nothing says which latency is promised' : 'the contract promises no latency',
    'give --latency, as --latency 5s@p99, or write objective.latency',
  );
}

function startsOf({ start, record }: GroundOptions, of: SimulatedProject | null): Told<StartDistribution> {
  if (start !== undefined) return { value: start, from: stated };
  const measurements = freshMeasurements(of, 'cold-start');
  const tier = of?.contract.coldStart?.from;
  const starts = tier === undefined || measurements === null ? undefined : readColdStart(measurements)?.tiers[tier];
  if (starts !== undefined && starts.starts.length > 0) {
    return {
      value: startDistribution(starts.starts),
      from: `cold-start evidence, ${starts.starts.length} starts from ${tier}`,
    };
  }
  const what =
    of === null ? 'nothing says how long a start takes' : notFresh(of, 'cold-start', 'how long a start takes');
  throw missing(what, record ? 'plimsoll coldstart' : 'give --start, as --start 40s; or measure: plimsoll coldstart');
}

function capacityOf({ curve, record }: GroundOptions, of: SimulatedProject | null): Told<ReplicaCapacity> {
  if (curve !== undefined) return { value: statedCapacity(curve), from: `${stated}: 70% of the most it can do` };
  const measurements = freshMeasurements(of, 'capacity');
  const capacity =
    measurements === null ? null : readCapacity(measurements, of === null ? null : capacityObjective(of.contract));
  if (capacity !== null) return { value: capacity, from: 'capacity evidence' };
  const what = of === null ? 'nothing says what a replica carries' : notFresh(of, 'capacity', 'what a replica carries');
  throw missing(
    what,
    record ? 'plimsoll capacity' : 'give --curve, as --curve slots:4,200ms; or measure: plimsoll capacity',
  );
}

/** As stated, else as the contract has it. An order wakes before it starts anew, so that slower waking would only do harm. */
function sleepOf(
  options: GroundOptions,
  starts: StartDistribution,
  of: SimulatedProject | null,
): Pick<ScalingTerms, 'sleep'> {
  const written = of === null ? undefined : effectiveScaling(of.contract).sleep;
  const sleep = options.sleep ?? written;
  if (sleep === undefined) return {};
  const halfMs = quantileMs(starts, 0.5);
  if (halfMs === null || sleep.wakeMs < halfMs) return { sleep };
  const name = options.sleep === undefined ? 'scaling.sleep' : '--sleep';
  throw optionInvalid(
    `${name} wakes after ${formatElapsed(sleep.wakeMs)}, and half of the starts are done in ${formatElapsed(halfMs)}`,
    `leave ${name} out: it pays only where waking is faster than a start`,
  );
}

function freshMeasurements(of: SimulatedProject | null, kind: EvidenceKind): Readonly<Record<string, unknown>> | null {
  const state = of?.states.find((each) => each.kind === kind);
  return state?.freshness === 'fresh' ? (of?.locked?.evidence[kind]?.measurements ?? null) : null;
}

function notFresh({ states }: SimulatedProject, kind: EvidenceKind, what: string): string {
  const state = states.find((each) => each.kind === kind);
  const why = state === undefined || state.freshness === 'fresh' ? 'does not tell it' : `is ${state.freshness}`;
  return `nothing says ${what}: ${kind} evidence ${why}`;
}

const mostWithoutContract = 100;

function boundsOf(
  { min, max, toZero }: GroundOptions,
  of: SimulatedProject | null,
): Told<Pick<ScalingTerms, 'minReplicas' | 'maxReplicas' | 'toZero' | 'warmPool'>> {
  const scaling = of === null ? null : effectiveScaling(of.contract);
  const mayStop = toZero || (scaling?.toZero === 'when-proven' && min === undefined);
  const minReplicas = toZero ? 0 : (min ?? scaling?.replicas.min ?? 1);
  const maxReplicas = max ?? scaling?.replicas.max ?? mostWithoutContract;
  if (minReplicas > maxReplicas) {
    throw optionInvalid(
      `at least ${minReplicas} and at most ${maxReplicas} replicas: ${min === undefined ? '--max' : '--min'} contradicts the ${scaling === null ? 'default' : 'contract'}`,
      'give both --min and --max',
    );
  }
  const overridden = [min, max].some((each) => each !== undefined) || toZero;
  const from = scaling === null ? (overridden ? 'stated' : 'by default') : overridden ? 'stated' : 'the contract';
  return { value: { minReplicas, maxReplicas, toZero: mayStop, warmPool: scaling?.warmPool ?? 0 }, from };
}

type ToldPrices = Told<{
  readonly terms: PricedTerms;
  readonly currency: string | null;
  readonly named: SimulatedPrices | null;
}>;

/** As the control plane has them. */
function pricesOf(of: SimulatedProject | null): ToldPrices {
  if (of === null || of.prices === null) {
    const none = { terms: pricedTerms(null, { classes: [], cores: null }), currency: null, named: null };
    return { value: none, from: 'none: an accelerator-second is 1' };
  }
  const { currency, list, digest, from } = of.prices;
  const replica = pricedReplicaOf(of.contract, of.locked?.deviceClasses ?? []);
  const terms = pricedTerms(list, replica);
  const stated = list === null ? null : acceleratorSecondOf(list, replica);
  if (stated === terms.acceleratorSecondPrice) {
    const accelerator = priceText(stated);
    const told = `${from}: ${currency} ${accelerator} (${shortDigest(digest)})`;
    return { value: { terms, currency, named: { digest, currency, accelerator } }, from: told };
  }
  const why = stated === null ? 'has no price of this device class' : 'says 0';
  const named = { digest, currency, accelerator: null };
  return { value: { terms, currency: null, named }, from: `${from} ${why}: an accelerator-second is 1` };
}

function missing(message: string, next: string): PlimsollError {
  return new PlimsollError({ code: 'simulation-incomplete', category: 'input', message, next });
}
