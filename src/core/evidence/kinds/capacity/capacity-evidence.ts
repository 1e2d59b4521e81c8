import { capacityObjective } from '../../../contract/objective/capacity-objective.ts';
import type { Contract } from '../../../contract/contract.ts';
import { promisedWords } from './objective-words.ts';
import { defaults } from '../../../contract/defaults.ts';
import { formatDuration, formatElapsed } from '../../../units/quantity/quantity-duration.ts';
import type { Judgement } from '../../../units/verdict.ts';
import { readCapacityMeasurements, type CapacityMeasurements } from './capacity-measurements.ts';
import { slowedShare, type Slowing } from './slowing.ts';
import { sustainedCapacity, type SustainedCapacity } from './sustained-capacity.ts';
import { sustainedConfidenceShare, type SustainedMeasurements, type TriedCandidate } from './sustained-measurements.ts';
import { rateText, sustainedRate, whyNoRate } from './sustained-rate.ts';

/** Horizons of a measurement that finds both limits at once. */
const usualHorizons = 16;

/**
 * Judged by the objective of the present contract.
 *
 * | measured | verdict |
 * |---|---|
 * | even one request at a time misses the objective | fail |
 * | the replica slows down by 10% or more while it is measured | fail; inconclusive on a machine that was busy |
 * | a quantile of the contract was not measured | unknown |
 * | no horizons: an older version measured it | inconclusive |
 * | horizons shorter than `objective.horizon` | inconclusive |
 * | no rate is shown to be sustained, or it is not shown that the replica keeps its speed | inconclusive |
 * | else | pass, by the lower limit |
 *
 * Every inconclusive verdict says how many seconds more it takes, and the command.
 */
export function judgeCapacity(measurements: Readonly<Record<string, unknown>>, contract: Contract): Judgement {
  const measured = readCapacityMeasurements(measurements);
  if (measured === null) return { verdict: 'unknown', reasons: ['it does not say what was measured'] };
  const objective = capacityObjective(contract);
  const horizonMs = contract.objective?.horizonMs ?? defaults.horizonMs;
  const none = whyNoRate(measured.closed, objective);
  if (none?.kind === 'missed') return { verdict: 'fail', reasons: [none.reason] };
  if (none !== null) return { verdict: 'unknown', reasons: [`${none.reason}; next: plimsoll capacity`] };
  const found = sustainedCapacity(measured, objective);
  const { sustained } = measured;
  if (found === null || sustained === undefined) return judgeOneRun(measured, objective, horizonMs);
  if (found.slowing.kind === 'slows' && !found.isBusy)
    return { verdict: 'fail', reasons: [slowsText(found.slowing, sustained)] };
  const rate = found.lower === null ? 'no rate is shown to be sustained' : lowerText(found, found.lower);
  if (sustained.horizonMs < horizonMs) {
    const short = `horizons of ${formatDuration(sustained.horizonMs)}, and \`objective.horizon\` is ${formatDuration(horizonMs)}`;
    return inconclusive(`${rate}; measured over ${short}`, usualHorizons * horizonMs);
  }
  if (found.lower === null) return judgeWithoutLower(found, sustained);
  if (found.slowing.kind === 'slows') {
    const busy = `${lossText(found.slowing, sustained)}, or other programs took it: measure on a quiet machine`;
    return inconclusive(`${rate}; ${busy}`, usualHorizons * sustained.horizonMs);
  }
  if (found.slowing.kind === 'unclear') {
    const horizons = found.lower.horizons.length;
    const more = `--horizons ${2 * horizons}`;
    return inconclusive(`${rate}; ${unclearText(found.slowing)}`, 2 * horizons * sustained.horizonMs, more);
  }
  return { verdict: 'pass', reasons: [`${rate}${promiseText(objective)}${sideText(found)}`] };
}

function judgeOneRun(measured: CapacityMeasurements, objective: Objective, horizonMs: number): Judgement {
  const found = sustainedRate(measured, objective);
  const text =
    found.kind === 'sustained'
      ? `one run held ${rateText(found.run.requests / (found.run.durationMs / 1_000))}`
      : found.reason;
  return inconclusive(`${text}; an older version measured it, without a lower limit`, usualHorizons * horizonMs);
}

function judgeWithoutLower(
  { generatorLimit, upper }: SustainedCapacity,
  { lower, horizonMs, nodeFacts }: SustainedMeasurements,
): Judgement {
  const smallest = lower.at(-1);
  const tried =
    smallest === undefined
      ? 'no rate held in the search, so that no horizon was run'
      : `not even ${rateText(smallest.perSecond)} is shown to be sustained (${countText(smallest)})`;
  const above = upper === null ? '' : `; ${rateText(upper.perSecond)} is shown not to be`;
  const why = [generatorLimit, ...nodeFacts].filter((fact) => fact !== null);
  const because = why.length === 0 ? '' : `; ${why.join('; ')}`;
  return inconclusive(`${tried}${above}${because}`, usualHorizons * horizonMs);
}

function inconclusive(reason: string, moreMs: number, options = ''): Judgement {
  const seconds = Math.ceil(moreMs / 1_000).toLocaleString('en-US');
  const command = options === '' ? 'plimsoll capacity' : `plimsoll capacity ${options}`;
  return { verdict: 'inconclusive', reasons: [`${reason}; about ${seconds} s more: ${command}`] };
}

type Objective = Readonly<Record<string, number>> | null;

function lowerText({ upper }: SustainedCapacity, lower: TriedCandidate): string {
  const above = upper === null ? '' : `, below ${rateText(upper.perSecond)}`;
  return `at least ${rateText(lower.perSecond)} by one replica${above} (${countText(lower)}, ${100 * sustainedConfidenceShare}% sure)`;
}

const countText = ({ horizons, planned }: TriedCandidate): string =>
  horizons.length < planned ? `left after ${horizons.length} of ${planned} horizons` : `${horizons.length} horizons`;

function promiseText(objective: Objective): string {
  if (objective === null) return ', with no failure and a steady queue, since no `objective.latency` is written';
  const quantiles = Object.entries(objective).map(([name, limitMs]) => promisedWords(name, limitMs));
  return `, inside ${quantiles.join(' and ')}`;
}

/** What a passing measurement has to tell besides. */
function sideText({ generatorLimit, isBusy }: SustainedCapacity): string {
  const why = generatorLimit ?? (isBusy ? 'other programs took processor time' : null);
  return why === null ? '' : `; more may be possible: ${why}`;
}

function slowsText(slowing: Slows, sustained: SustainedMeasurements): string {
  const { nodeFacts } = sustained;
  const facts = nodeFacts.length === 0 ? 'the node shows no cause' : nodeFacts.join('; ');
  return `${lossText(slowing, sustained)}, so no rate is sustained (${facts})`;
}

function lossText({ of, lostShare }: Slows, { horizonMs }: SustainedMeasurements): string {
  const share = `${Math.round(100 * lostShare)}%`;
  return of === 'run'
    ? `the replica lost ${share} of its throughput while horizons ran`
    : `the replica lost ${share} of its speed within each horizon of ${formatElapsed(horizonMs)}`;
}

type Slows = Extract<Slowing, { kind: 'slows' }>;

function unclearText({ of, lostAtMostShare }: Extract<Slowing, { kind: 'unclear' }>): string {
  const lost = `${Math.min(100, Math.round(100 * lostAtMostShare))}%`;
  return of === 'run'
    ? `throughput is too noisy to show that the replica keeps its speed: it may have lost ${lost}, and less than ${100 * slowedShare}% passes`
    : `times within a horizon are too noisy to show that the replica keeps its speed: it may have lost ${lost} from the beginning of a horizon to its end, and less than ${100 * slowedShare}% passes`;
}
