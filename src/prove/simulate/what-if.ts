import type { Contract } from '../../core/contract/contract.ts';
import { defaults, effectiveRollout, effectiveScaling } from '../../core/contract/defaults.ts';
import { strictestLatency } from '../../core/contract/objective/latency-objective.ts';
import { changeContract, movesScaling, type ContractChange } from '../../core/cost/marginal/contract-change.ts';
import { sumKeptWarm, type Takeover } from '../../core/cost/marginal/kept-previous.ts';
import { listMarginalTerms } from '../../core/cost/marginal/marginal-terms.ts';
import {
  compareReplays,
  type Estimate,
  type Replay,
  type ReplayDifference,
} from '../../core/cost/marginal/paired-replays.ts';
import { planBlocks } from '../../core/cost/marginal/plan-blocks.ts';
import { attainmentOf, judgeAttainment } from '../../core/evidence/kinds/scaling/scaling-evidence.ts';
import type { SimulatedGround } from '../../core/scaling/simulation/score/scaling-report.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Verdict } from '../../core/units/verdict.ts';
import { stepProgress } from '../progress.ts';
import type { ProvingPorts } from '../ports.ts';
import type { ReplayedArrivals } from './recorded-arrivals.ts';
import { replayGround, type ReplayedBlocks } from './replay-ground.ts';
import { groundOfSimulation, type SimulatedProject } from './scale-simulate-ground.ts';
import type { StatedMeasurements } from './scale-simulate-options.ts';

/** What is asked about: a contract, what was measured of it, and arrivals to replay. */
export interface ReplayQuestion {
  readonly of: SimulatedProject;
  readonly stated: StatedMeasurements;
  readonly arrivals: ReplayedArrivals;
  readonly seeds: number | undefined;
  /** Releases that took over in the recorded time, oldest first. */
  readonly takeovers: readonly Takeover[];
  readonly recordedMs: number;
  readonly nowMs: number;
}

/** Each number is of one block: a day where there are several, else the scored time. */
export interface ReplayFacts {
  readonly service: string;
  readonly environment: string;
  readonly arrivals: Pick<ReplayedArrivals, 'kind' | 'name' | 'requests'> & { readonly spanMs: number };
  readonly blocks: number;
  /** Of one block. */
  readonly scoredMs: number;
  /** Of one block. */
  readonly seeds: number;
  /** What device-seconds are seconds of. A replica without an accelerator counts as one. */
  readonly unit: 'accelerator' | 'replica';
  readonly from: SimulatedGround['from'];
  /** Null without a price. */
  readonly currency: string | null;
  readonly notes: readonly string[];
}

export interface WhatIfReport extends ReplayFacts {
  readonly moved: readonly string[];
  readonly alsoNeeded: readonly string[];
  /** Null where no change moves the scaler. */
  readonly difference: ReplayDifference | null;
  readonly money: { readonly present: number; readonly changed: number; readonly difference: Estimate } | null;
  readonly objective: { readonly present: HeldObjective; readonly changed: HeldObjective } | null;
  /** Null where the change leaves `keepPrevious` and the minimum alone. */
  readonly keptWarm: { readonly present: KeptWarmCost; readonly changed: KeptWarmCost } | null;
}

/** The forecast of the replay about the objective. */
export interface HeldObjective {
  readonly latencyMs: number;
  readonly attainmentShare: number;
  /** Share in time; null without a request. */
  readonly inTimeShare: number | null;
  readonly verdict: Verdict;
}

/** Previous releases that were kept warm in the recorded time. No replay: computed from the takeovers. */
export interface KeptWarmCost {
  readonly keepPreviousMs: number;
  readonly releases: number;
  readonly keptMs: number;
  readonly deviceSeconds: number;
  readonly money: number | null;
  readonly recordedMs: number;
}

export interface PricedTerm {
  readonly term: string;
  readonly against: string;
  /** What the contract with the term takes more than the one without it. */
  readonly deviceSeconds: Estimate;
  readonly late: Estimate;
  /** Null without a price. */
  readonly money: Estimate | null;
  /** What limits the price; null where nothing does. */
  readonly note: string | null;
}

export interface MarginalReport extends ReplayFacts {
  readonly terms: readonly PricedTerm[];
  readonly keptWarm: KeptWarmCost;
}

type ReplayingPorts = Pick<ProvingPorts, 'signal' | 'terminal' | 'clock'>;
type Ground = Omit<SimulatedGround, 'scoreFromMs' | 'endMs'>;

/**
 * Returns what a changed contract would have taken of the same arrivals with the same draws of starts.
 * @throws PlimsollError `what-if-invalid`, `simulation-incomplete` (input).
 */
export async function answerWhatIf(
  ports: ReplayingPorts,
  question: ReplayQuestion,
  changes: readonly ContractChange[],
): Promise<WhatIfReport> {
  const present = question.of.contract;
  const { contract, moved, alsoNeeded } = changeContract(present, changes);
  const ground = await groundFor(question, present);
  const changedGround = await groundFor(question, contract);
  const replayed = blocksOf(question);
  const moves = changes.some(movesScaling);
  const stepped = steps(ports, moves ? 2 * runsOf(replayed) : 0);
  const replays = moves
    ? {
        present: await replayGround(ports, ground, replayed, stepped),
        changed: await replayGround(ports, changedGround, replayed, stepped),
      }
    : null;
  const difference = replays === null ? null : compareReplays(replays.present, replays.changed);
  const keeps = [present, contract].map((each) => keptWarmCost(question, each, priceOf(ground)));
  const [keptNow, keptThen] = keeps;
  const isKeptAlike = keptNow?.deviceSeconds === keptThen?.deviceSeconds && moves;
  return {
    ...factsOf(question, ground, replayed),
    moved,
    alsoNeeded,
    difference,
    money: difference === null ? null : moneyOf(difference, priceOf(ground)),
    objective:
      replays === null
        ? null
        : { present: heldObjective(ground, replays.present), changed: heldObjective(changedGround, replays.changed) },
    keptWarm:
      isKeptAlike || keptNow === undefined || keptThen === undefined ? null : { present: keptNow, changed: keptThen },
  };
}

/** Returns what each term of the present contract costs by itself (`listMarginalTerms`). These prices do not add up. */
export async function priceMarginalTerms(ports: ReplayingPorts, question: ReplayQuestion): Promise<MarginalReport> {
  const present = question.of.contract;
  const ground = await groundFor(question, present);
  const replayed = blocksOf(question);
  const terms = listMarginalTerms(present);
  const stepped = steps(ports, (1 + terms.length) * runsOf(replayed));
  const own = await replayGround(ports, ground, replayed, stepped);
  const priced: PricedTerm[] = [];
  for (const { term, against, withTerm, withoutTerm } of terms) {
    const other = withTerm ?? withoutTerm ?? present;
    const { ground: otherGround, note } = await otherGroundOf(question, other, ground);
    const replay = await replayGround(ports, otherGround, replayed, stepped);
    const { deviceSeconds, late } = withTerm === null ? compareReplays(replay, own) : compareReplays(own, replay);
    const price = priceOf(ground);
    const money = price === null ? null : scaleEstimate(deviceSeconds, price);
    priced.push({ term, against, deviceSeconds, late, money, note });
  }
  return {
    ...factsOf(question, ground, replayed),
    terms: priced,
    keptWarm: keptWarmCost(question, present, priceOf(ground)),
  };
}

const groundFor = ({ of, stated }: ReplayQuestion, contract: Contract): Promise<Ground> =>
  groundOfSimulation(
    { ...stated, latency: undefined, min: undefined, max: undefined, toZero: false, sleep: undefined, record: false },
    { ...of, contract },
  );

/**
 * Capacity evidence may show no rate inside another objective. Then the present rate stands, and the scaler alone is asked to be
 * more careful.
 */
async function otherGroundOf(
  question: ReplayQuestion,
  contract: Contract,
  present: Ground,
): Promise<{ readonly ground: Ground; readonly note: string | null }> {
  try {
    return { ground: await groundFor(question, contract), note: null };
  } catch (thrown) {
    const objective = strictestLatency(contract.objective);
    if (!(thrown instanceof PlimsollError) || thrown.code !== 'simulation-incomplete' || objective === null)
      throw thrown;
    const note = 'at least: capacity evidence shows no rate inside the other objective, so the present rate stands';
    return { ground: { ...present, terms: { ...present.terms, ...objective } }, note };
  }
}

const blocksOf = ({ arrivals, seeds, of }: ReplayQuestion): ReplayedBlocks => ({
  ...planBlocks(arrivals.endMs, seeds),
  arrivals: arrivals.arrivals,
  unit: arrivals.unit,
  devices: devicesOf(of.contract),
});

const runsOf = ({ blocks, seeds }: ReplayedBlocks): number => blocks.length * seeds;

function steps(ports: ReplayingPorts, total: number): () => void {
  const said = stepProgress(ports, 'replaying', total);
  let done = 0;
  return () => said((done += 1));
}

const hasAccelerator = ({ hardware }: Contract): boolean => hardware?.accelerator === 'nvidia';

/** Devices of one replica that seconds are counted of. */
const devicesOf = (contract: Contract): number =>
  hasAccelerator(contract) ? (contract.hardware?.devices ?? defaults.devices) : 1;

const priceOf = ({ currency, terms }: Ground): number | null =>
  currency === null ? null : terms.acceleratorSecondPrice;

function factsOf({ of, arrivals }: ReplayQuestion, ground: Ground, { blocks, seeds }: ReplayedBlocks): ReplayFacts {
  const { kind, name, requests, endMs, notes } = arrivals;
  const [block] = blocks;
  const { actuator } = effectiveScaling(of.contract);
  return {
    service: of.contract.service,
    environment: of.environment,
    arrivals: { kind, name, requests, spanMs: endMs },
    blocks: blocks.length,
    scoredMs: block === undefined ? 0 : block.endMs - block.scoreFromMs,
    seeds,
    unit: hasAccelerator(of.contract) ? 'accelerator' : 'replica',
    from: ground.from,
    currency: ground.currency,
    notes: [
      ...notes,
      ...(actuator === 'plimsoll' ? [] : [`scaling.actuator is ${actuator}: the replay asks Plimsoll's own scaler`]),
    ],
  };
}

/** Each day is a run where there are enough of them, else each draw of starts. */
function heldObjective({ terms }: Ground, replay: Replay): HeldObjective {
  const { latencyMs, attainmentShare } = terms;
  const all = replay.length < 3 ? replay.flat().map((run) => [run]) : replay;
  const runs = all.flatMap((group, at) => {
    const sum = (key: 'requests' | 'late' | 'deviceSeconds') => group.reduce((total, run) => total + run[key], 0);
    const requests = sum('requests');
    if (requests === 0) return [];
    return [{ seed: at + 1, requests, inTime: requests - sum('late'), acceleratorSeconds: sum('deviceSeconds') }];
  });
  if (runs.length === 0) return { latencyMs, attainmentShare, inTimeShare: null, verdict: 'unknown' };
  const { verdict } = judgeAttainment(runs, attainmentShare, latencyMs);
  return { latencyMs, attainmentShare, inTimeShare: attainmentOf(runs).mean, verdict };
}

function moneyOf({ present, changed, deviceSeconds }: ReplayDifference, price: number | null): WhatIfReport['money'] {
  if (price === null) return null;
  return {
    present: price * present.deviceSeconds,
    changed: price * changed.deviceSeconds,
    difference: scaleEstimate(deviceSeconds, price),
  };
}

const scaleEstimate = ({ mean, low, high }: Estimate, factor: number): Estimate => ({
  mean: factor * mean,
  low: low === null ? null : factor * low,
  high: high === null ? null : factor * high,
});

/** A release that is kept warm has its minimum, and one replica at least. */
function keptWarmCost(
  { takeovers, nowMs, recordedMs }: ReplayQuestion,
  contract: Contract,
  price: number | null,
): KeptWarmCost {
  const { keepPreviousMs } = effectiveRollout(contract);
  const { releases, keptMs } = sumKeptWarm(takeovers, keepPreviousMs, nowMs);
  const replicas = Math.max(1, effectiveScaling(contract).replicas.min);
  const deviceSeconds = (keptMs / 1_000) * replicas * devicesOf(contract);
  return {
    keepPreviousMs,
    releases,
    keptMs,
    deviceSeconds,
    money: price === null ? null : price * deviceSeconds,
    recordedMs,
  };
}
