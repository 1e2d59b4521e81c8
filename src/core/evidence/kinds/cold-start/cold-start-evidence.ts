import type { ColdStartSection, Contract, Phase, QuantileBudget } from '../../../contract/contract.ts';
import { defaults } from '../../../contract/defaults.ts';
import { censoredQuantileLimits, sampleForUpperLimit, type Span } from '../../../statistics/limits/order-limits.ts';
import { formatDuration, formatElapsed } from '../../../units/quantity/quantity-duration.ts';
import { formatPercent } from '../../../units/quantity/quantity-percent.ts';
import { combineVerdicts, type Judgement, type Verdict } from '../../../units/verdict.ts';
import { groupSpans, phaseGroups, wholeSpans } from './start-groups.ts';
import { readColdStart, type MeasuredStart } from './start-measurements.ts';

/**
 * The starts of the contract's tier against its budgets, each quantile of the whole start and of each phase on its own:
 *
 * | limits of the quantile at 95% | verdict |
 * |---|---|
 * | upper limit <= budget | pass |
 * | lower limit > budget | fail |
 * | else, or too few starts for an upper limit (29 for p90) | inconclusive, with how many are missing |
 * | a budgeted phase that no start tells of | unknown |
 */
export function judgeColdStart(
  measurements: Readonly<Record<string, unknown>>,
  { coldStart }: Pick<Contract, 'coldStart'>,
): Judgement {
  if (coldStart === undefined) return unknown('the contract does not write `coldStart`');
  const measured = readColdStart(measurements);
  if (measured === null) return unknown('it does not say what was measured; next: plimsoll coldstart');
  const tier = measured.tiers[coldStart.from];
  if (tier === undefined || tier.starts.length === 0) {
    return unknown(`no start from ${coldStart.from} was measured; next: plimsoll coldstart`);
  }
  return judgeStarts(tier.starts, coldStart);
}

export function judgeStarts(starts: readonly MeasuredStart[], coldStart: ColdStartSection): Judgement {
  const checks = [
    ...checksOf(coldStart.budget, wholeSpans(starts), '', true),
    ...phaseChecks(starts, coldStart.phases),
  ];
  const verdict = combineVerdicts(checks.map((check) => check.verdict));
  const deciding = checks.filter((check) => check.verdict === verdict).map(({ reason }) => reason);
  const [first = '', ...rest] = deciding.slice(0, mostReasons);
  return { verdict, reasons: [`${first} (${countText(starts)} from ${coldStart.from})`, ...rest] };
}

const mostReasons = 5;
const confidence = defaults.startConfidenceShare;
const unknown = (reason: string): Judgement => ({ verdict: 'unknown', reasons: [reason] });

interface Check {
  readonly verdict: Verdict;
  readonly reason: string;
}

/** `p90` is 0.9. */
export const shareOfQuantile = (name: string): number => Number(`${name.slice(1)}e-2`);

/** @param canFail false where the budget speaks of only a part of what the spans hold. */
function checksOf(
  budget: QuantileBudget,
  spans: readonly Span[],
  name: string,
  canFail: boolean,
  unbudgeted: readonly Phase[] = [],
): readonly Check[] {
  return Object.entries(budget).map(([quantile, limitMs]): Check => {
    const share = shareOfQuantile(quantile);
    const { lower, upper } = censoredQuantileLimits(spans, share, confidence);
    const what = `${quantile}${name}`;
    const of = `the budget ${formatDuration(limitMs)}`;
    if (upper <= limitMs) return { verdict: 'pass', reason: `${what} at most ${timeText(upper)}, within ${of}` };
    if (lower > limitMs && canFail) {
      return { verdict: 'fail', reason: `${what} at least ${timeText(lower)}, beyond ${of}` };
    }
    const missing = sampleForUpperLimit(share, confidence) - spans.length;
    if (missing > 0) {
      const starts = missing === 1 ? '1 start is' : `${missing} starts are`;
      const needed = `bounding ${what} at ${formatPercent(confidence)} takes ${spans.length + missing}`;
      return { verdict: 'inconclusive', reason: `${starts} missing: ${needed}; plimsoll coldstart` };
    }
    const merged = lower > limitMs ? `, measured together with ${unbudgeted.join(' and ')}, which has no budget` : '';
    const between = `${what} is between ${timeText(lower)} and ${timeText(upper)}${merged}; ${of} is not decided`;
    return { verdict: 'inconclusive', reason: between };
  });
}

/** Merged phases are compared with the sum of their budgets of the same quantile. */
function phaseChecks(starts: readonly MeasuredStart[], budgets: ColdStartSection['phases']): readonly Check[] {
  const groups = phaseGroups(starts);
  const known = new Set(groups.flat());
  const untold = Object.keys(budgets).filter((phase) => !known.has(phase as Phase));
  return [
    ...groups.flatMap((group) => {
      const quantiles = new Set(group.flatMap((phase) => Object.keys(budgets[phase] ?? {})));
      return [...quantiles].flatMap((quantile) => {
        const limits = group.map((phase) => budgets[phase]?.[quantile as keyof QuantileBudget]);
        const sumMs = limits.reduce<number>((sum, limitMs) => sum + (limitMs ?? 0), 0);
        const unbudgeted = group.filter((_, at) => limits[at] === undefined);
        const name = ` of ${group.join(' + ')}`;
        return checksOf({ [quantile]: sumMs }, groupSpans(starts, group), name, unbudgeted.length === 0, unbudgeted);
      });
    }),
    ...untold.map((phase): Check => ({ verdict: 'unknown', reason: `no start tells of the phase ${phase}` })),
  ];
}

function countText(starts: readonly MeasuredStart[]): string {
  const count = (outcome: MeasuredStart['outcome']): number =>
    starts.filter((start) => start.outcome === outcome).length;
  const [failed, running] = [count('failed'), count('running')];
  return [
    starts.length === 1 ? '1 start' : `${starts.length} starts`,
    ...(failed === 0 ? [] : [`${failed} of them failed`]),
    ...(running === 0 ? [] : [`${running} of them never ended`]),
  ].join(', ');
}

const timeText = (ms: number): string => (ms === Infinity ? 'no known time' : formatElapsed(ms));
