import { quantileWords, readQuantileName } from '../../../contract/objective/capacity-objective.ts';
import type { QuantileBudget } from '../../../contract/contract.ts';
import { clopperPearson } from '../../../statistics/distributions/binomial.ts';
import { sampleForUpperLimit } from '../../../statistics/limits/order-limits.ts';
import { capacityConfidenceShare, levelOf, type ClosedLevel, type OpenRun } from './capacity-measurements.ts';
import { threeDigits } from './objective-words.ts';
import { requestsWithoutObjective, standingOfRun, underWayWithoutObjective } from './sustained-rate.ts';

/**
 * Which condition a run failed, with what was measured and the limit, or what keeps it from being decided; null where it holds.
 * The first of those that miss goes before what is only undecided.
 */
export function whyRunFails(
  run: OpenRun,
  objective: QuantileBudget | null,
  closed: readonly ClosedLevel[],
): string | null {
  const standing = standingOfRun(run, objective, closed);
  if (standing === 'holds') return null;
  const { requests, failed, quantiles, underWay } = run;
  const failures = `${failed} of ${requests} requests failed`;
  if (objective === null) {
    if (failed > 0) return failures;
    const atMost = underWayWithoutObjective(closed);
    if (standing === 'misses') return `${threeDigits(underWay)} requests were under way, and ${atMost} are the most`;
    return `${requests} requests are too few, ${requestsWithoutObjective} are needed`;
  }
  const failedAtLeastShare = clopperPearson(failed, requests, capacityConfidenceShare).lower;
  const of = Object.entries(objective).map(([name, limitMs]) => ({ name, limitMs, measured: quantiles[name] }));
  const missed = of.find(
    ({ name, limitMs, measured }) => (measured?.lowerMs ?? 0) > limitMs || failedAtLeastShare > 1 - levelOf(name),
  );
  if (missed !== undefined && (missed.measured?.lowerMs ?? 0) > missed.limitMs) {
    return `${quantileWords(missed.name)} is at least ${valueText(missed.name, missed.measured?.lowerMs ?? 0)}, and ${limitText(missed.name, missed.limitMs)} is promised`;
  }
  if (missed !== undefined) {
    return `${failures}: at least ${percentText(failedAtLeastShare)}, and ${quantileWords(missed.name)} allows ${percentText(1 - levelOf(missed.name))}`;
  }
  const absent = of.find(({ measured }) => measured === undefined);
  if (absent !== undefined) return `${quantileWords(absent.name)} was not measured`;
  const open = of.find(({ limitMs, measured }) => (measured?.upperMs ?? Infinity) > limitMs);
  if (open === undefined) return null;
  const needed = sampleForUpperLimit(levelOf(open.name), capacityConfidenceShare);
  const upperMs = open.measured?.upperMs ?? null;
  if (upperMs !== null) {
    return `${quantileWords(open.name)} may be as much as ${valueText(open.name, upperMs)}, and ${limitText(open.name, open.limitMs)} is promised`;
  }
  if (requests < needed)
    return `${requests} requests are too few to show ${quantileWords(open.name)}: ${needed} are the fewest`;
  return `${failures}, so that ${quantileWords(open.name)} has no upper limit`;
}

const percentText = (share: number): string => `${threeDigits(100 * share)}%`;
const isGoodput = (name: string): boolean => readQuantileName(name)?.part === 'goodput';
const valueText = (name: string, value: number): string =>
  isGoodput(name) ? `${threeDigits(value)} of its limits` : `${threeDigits(value)}ms`;
const limitText = (name: string, limit: number): string => (isGoodput(name) ? 'at most 1' : `${threeDigits(limit)}ms`);
