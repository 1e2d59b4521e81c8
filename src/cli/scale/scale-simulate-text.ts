import { quantileMs } from '../../core/coldstart/start-distribution.ts';
import type { KeepAlive } from '../../core/scaling/idle-gaps.ts';
import type {
  Clairvoyant,
  ParetoPoint,
  ScalingReport,
  SimulatedGround,
  SimulatedPolicy,
} from '../../core/scaling/simulation/score/scaling-report.ts';
import type { SleepTerms } from '../../core/scaling/policy.ts';
import type { SweptPolicy } from '../../core/scaling/simulation/score/error-sweep.ts';
import type { ToldEvidence } from '../../core/scaling/simulation/world.ts';
import { formatDuration, formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import { formatPercent } from '../../core/units/quantity/quantity-percent.ts';
import type { Verdict } from '../../core/units/verdict.ts';
import { painter, type Tone } from '../terminal/paint.ts';
import { alignedTable } from '../terminal/table.ts';

const toneOf: Readonly<Record<Verdict, Tone>> = { pass: 'good', fail: 'bad', inconclusive: 'warn', unknown: 'warn' };

/** The report for people at a terminal. */
export function simulateText(report: ScalingReport, colour: boolean): string {
  const paint = painter(colour);
  const policies = shownPolicies(report);
  return [
    ...alignedTable(groundRows(report)),
    '',
    ...alignedTable([policyHead, ...policies.map(policyRow)]),
    '',
    ...alignedTable([secondsHead(report.ground), ...policies.map((each) => secondsRow(each, report.ground))]),
    '',
    ...alignedTable(clairvoyantRows(report.clairvoyant, report.ground)),
    ...(report.idle.gaps === 0 ? [] : alignedTable([['idle gaps', idleText(report)]])),
    ...(report.sweep.length === 0 ? [] : ['', ...alignedTable([sweepHead(report.sweep), ...sweepRows(report.sweep)])]),
    ...(report.pareto === null ? [] : ['', ...alignedTable([paretoHead, ...paretoRows(report.pareto)])]),
    '',
    ...report.notes,
    `${paint(toneOf[report.verdict], report.verdict)}: ${report.reasons.join('; ')}`,
    `next: ${report.next}`,
  ].join('\n');
}

/** Those that were asked for, and the own one without what the terms allow. */
export function shownPolicies({ policies, withoutZero, withoutSleep }: ScalingReport): readonly SimulatedPolicy[] {
  return [...policies, ...[withoutZero, withoutSleep].filter((each) => each !== null)];
}

/** What was simulated, and where each number came from. */
export function groundRows({ arrivals, ground, seeds }: ScalingReport): readonly (readonly string[])[] {
  const { terms, starts, capacity, from } = ground;
  const rate = arrivals.requests / Math.max(0.001, arrivals.spanMs / 1_000);
  const [half, most] = [quantileMs(starts, 0.5), quantileMs(starts, 0.95)];
  const failing = starts.failureShare === 0 ? '' : `, ${formatPercent(starts.failureShare)} fail`;
  const zero = terms.toZero ? ', the last one may stop' : '';
  return [
    [
      'arrivals',
      `${arrivals.name}: ${countText(arrivals.requests)} requests in ${formatElapsed(arrivals.spanMs)}, ${short(rate)}/s`,
    ],
    ['objective', `${objectiveText(ground)} (${from.objective})`],
    ['replicas', `${terms.minReplicas} to ${terms.maxReplicas}${zero} (${from.replicas})`],
    ...(terms.sleep === undefined ? [] : [['sleep', sleepText(terms.sleep)]]),
    ['start', `half within ${knownTime(half)}, 95% within ${knownTime(most)}${failing} (${from.starts})`],
    ['capacity', `${short(capacity.ratePerSecond)} requests/s of one replica (${from.capacity})`],
    ...(ground.told === undefined ? [] : [['told', toldText(ground.told)]]),
    ['prices', from.prices],
    ['scored', `from ${formatElapsed(ground.scoreFromMs)} on, ${seeds === 1 ? '1 seed' : `${seeds} seeds`}`],
  ];
}

function toldText({ capacity, starts }: ToldEvidence): string {
  const [half, most] = [quantileMs(starts, 0.5), quantileMs(starts, 0.95)];
  return `policies are told ${short(capacity.ratePerSecond)} requests/s of one replica, and starts of which half take ${knownTime(half)} and 95% ${knownTime(most)}`;
}

function sleepText({ replicas, wakeMs, priceShare }: SleepTerms): string {
  return `up to ${replicas} asleep, awake after ${formatElapsed(wakeMs)}, ${formatPercent(priceShare)} of an accelerator-second each`;
}

export const policyHead = ['policy', 'in time', '95% limits', 'worst 5 min', 'late', 'dropped', 'cold hits', 'p99'];
export function policyRow(policy: SimulatedPolicy): readonly string[] {
  const { label, attainment, worstFiveMinutesShare, late, dropped, coldHits, latencyP99Ms } = policy;
  return [
    label,
    `${shareText(attainment.mean)} ${marks[policy.verdict]}`,
    `${shareText(Math.max(0, attainment.low))}..${shareText(Math.min(1, attainment.high))}`,
    worstFiveMinutesShare === null ? '-' : shareText(worstFiveMinutesShare),
    countText(late),
    countText(dropped),
    countText(coldHits),
    Number.isFinite(latencyP99Ms) ? formatElapsed(latencyP99Ms) : '-',
  ];
}
const marks: Readonly<Record<Verdict, string>> = { pass: 'held', fail: 'MISSED', inconclusive: '?', unknown: '?' };

export const secondsHead = ({ terms }: SimulatedGround): readonly string[] => [
  'policy',
  'accelerator-s',
  '95% limits',
  'serving',
  'idle',
  'loading',
  'draining',
  ...(terms.sleep === undefined ? [] : ['asleep', 'wakes']),
  'starts',
  'reversals/h',
  'over bound',
  'over plan',
];
export function secondsRow(policy: SimulatedPolicy, { terms, currency }: SimulatedGround): readonly string[] {
  const { label, acceleratorSeconds, byState, starts, wakes, failedStarts, reversalsPerHour, regret } = policy;
  const price =
    currency === null ? '' : ` = ${(acceleratorSeconds.mean * terms.acceleratorSecondPrice).toFixed(2)} ${currency}`;
  return [
    label,
    `${countText(acceleratorSeconds.mean)}${price}`,
    `${countText(acceleratorSeconds.low)}..${countText(acceleratorSeconds.high)}`,
    countText(byState.serving),
    countText(byState.idle),
    countText(byState.loading),
    countText(byState.draining),
    ...(terms.sleep === undefined ? [] : [countText(byState.asleep), tenth(wakes)]),
    `${tenth(starts)}${failedStarts > 0 ? ` (${tenth(failedStarts)} failed)` : ''}`,
    tenth(reversalsPerHour),
    overText(regret.overBoundShare),
    overText(regret.overPlanShare),
  ];
}

export function clairvoyantRows(
  { boundSeconds, boundLeastSeconds, planSeconds, planAttainmentShare, gapShare, simulations }: Clairvoyant,
  ground: SimulatedGround,
): readonly (readonly string[])[] {
  const awake = ground.terms.sleep === undefined ? '' : ' and lets nobody sleep';
  const least = boundLeastSeconds === null ? '' : `; ${countText(boundLeastSeconds)} with the luckiest starts`;
  return [
    [
      'bound',
      boundSeconds === null
        ? `no policy attains ${objectiveText(ground)}`
        : `${countText(boundSeconds)} accelerator-s: no policy that attains${awake} costs less${least}`,
    ],
    [
      'plan',
      planSeconds === null
        ? `none found that attains, with all arrivals known (best ${shareText(planAttainmentShare)}, ${simulations} tried)`
        : `${countText(planSeconds)} accelerator-s with all arrivals known${gapShare === null ? '' : `, ${overText(gapShare)} over the bound`} (${simulations} tried)`,
    ],
  ];
}

export function idleText({ idle, ground }: ScalingReport): string {
  const { gaps, longestGapMs, cheapest } = idle;
  const known = `${countText(gaps)}, the longest ${formatElapsed(longestGapMs)}`;
  if (cheapest === null) return known;
  const [unit, cost] = [ground.currency ?? 'accelerator-s', short(cheapest.cost)];
  return `${known}; the last replica is kept cheapest ${keptText(cheapest)} (${cost} ${unit}, late requests priced)`;
}

export const keptText = ({ keepAliveMs }: KeepAlive): string => {
  if (keepAliveMs === 0) return 'not at all';
  return Number.isFinite(keepAliveMs) ? `for ${formatElapsed(keepAliveMs)}` : 'for ever';
};

/** One column a factor, each cell the share in time and the cost against right knowledge. */
export const sweepHead = (sweep: readonly SweptPolicy[]): readonly string[] => [
  'told / real',
  ...(sweep[0]?.cells ?? []).map(({ toldFactor }) => String(toldFactor)),
];
export const sweepRows = (sweep: readonly SweptPolicy[]): readonly (readonly string[])[] =>
  sweep.map(({ policy, wrong, cells }) => [
    `${policy}, ${wrong}`,
    ...cells.map(({ toldFactor, attainmentShare, overRightShare }) =>
      toldFactor === 1 ? shareText(attainmentShare) : `${shareText(attainmentShare)} ${overText(overRightShare)}`,
    ),
  ]);

export const paretoHead = ['policy', 'in time', 'accelerator-s', 'front', 'options'];
export function paretoRows(points: readonly ParetoPoint[]): readonly (readonly string[])[] {
  return points
    .toSorted((a, b) => a.acceleratorSeconds - b.acceleratorSeconds)
    .map(({ policy, label, attainmentShare, acceleratorSeconds, onFront }) => [
      policy,
      shareText(attainmentShare),
      countText(acceleratorSeconds),
      onFront ? 'yes' : '',
      label === '' ? 'its defaults' : label,
    ]);
}

export const objectiveText = ({ terms }: SimulatedGround): string =>
  `${formatPercent(terms.attainmentShare)} within ${formatDuration(terms.latencyMs)}`;
/** Rounded down, so that what is missed by a little does not look attained. */
export const shareText = (share: number): string => `${(Math.floor(share * 1e4 + 1e-6) / 1e2).toFixed(2)}%`;
export const countText = (count: number): string => Math.round(count).toLocaleString('en-US');
const overText = (share: number | null): string =>
  share === null ? '-' : `${share < 0 ? '' : '+'}${(100 * share).toFixed(share < 1 ? 1 : 0)}%`;
const tenth = (value: number): string => String(Number(value.toFixed(1)));
const short = (value: number): string => String(Number(value.toPrecision(3)));
const knownTime = (ms: number | null): string => (ms === null ? 'no known time' : formatElapsed(ms));
