import type { Phase, StartTier } from '../../core/contract/contract.ts';
import type { StartSummary, SummaryRow } from '../../core/coldstart/start-summary.ts';
import type { MeasuredStart } from '../../core/evidence/kinds/cold-start/start-measurements.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import { formatPercent } from '../../core/units/quantity/quantity-percent.ts';
import type { Verdict } from '../../core/units/verdict.ts';
import { painter, type Tone } from '../terminal/paint.ts';
import { alignedTable } from '../terminal/table.ts';

export interface TierReport {
  readonly tier: StartTier;
  readonly prepared: string;
  readonly summary: StartSummary;
  readonly starts: readonly MeasuredStart[];
  /** Why fewer than wanted were measured; null where all were. */
  readonly endedEarly: string | null;
}

export interface ColdStartReport {
  readonly service: string;
  readonly environment: string;
  readonly model: { readonly name: string; readonly version: number };
  readonly platform: 'local' | 'kubernetes';
  /** The quantile that is bounded, `p90`, and how surely. */
  readonly quantile: string;
  readonly confidenceShare: number;
  readonly timeoutMs: number;
  readonly tiers: readonly TierReport[];
  readonly unmeasurable: readonly { readonly tier: StartTier; readonly why: string }[];
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly recorded: boolean;
  readonly notes: readonly string[];
  readonly next: string;
}

const toneOf: Readonly<Record<Verdict, Tone>> = { pass: 'good', fail: 'bad', inconclusive: 'warn', unknown: 'warn' };

/** The report for people at a terminal. */
export function coldStartText(report: ColdStartReport, colour: boolean): string {
  const paint = painter(colour);
  return [
    `${report.model.name} version ${report.model.version} in ${report.environment}, starts on the platform ${report.platform}`,
    ...report.tiers.flatMap((tier) => ['', ...tierLines(tier, report, paint)]),
    ...(report.unmeasurable.length === 0 ? [] : ['']),
    ...report.unmeasurable.map(({ tier, why }) => `${tier} was not measured: ${why}`),
    '',
    ...report.notes,
    `${paint(toneOf[report.verdict], report.verdict)}: ${report.reasons.join('; ')}`,
    `next: ${report.next}`,
  ].join('\n');
}

function tierLines(
  { tier, prepared, summary, endedEarly }: TierReport,
  { quantile, confidenceShare }: ColdStartReport,
  paint: ReturnType<typeof painter>,
): readonly string[] {
  const head = ['phase', 'p50', 'p90', `${quantile} at most (${formatPercent(confidenceShare)})`];
  const row = (name: string, { p50Ms, p90Ms, upperMs }: SummaryRow): readonly string[] => [
    name,
    timeText(p50Ms),
    timeText(p90Ms),
    timeText(upperMs),
  ];
  const rows = [
    ...summary.phases.map((each) => row(phaseText(each.phases), each)),
    row('other', summary.other),
    row('whole start', summary.whole),
  ];
  return [
    paint('strong', `${countText(summary)} from ${tier} (${prepared})`),
    ...alignedTable([head, ...rows], '  '),
    ...(endedEarly === null ? [] : [`  ended early: ${endedEarly}`]),
    ...slowestLines(summary),
  ];
}

function slowestLines({ slowest }: StartSummary): readonly string[] {
  if (slowest === null) return [];
  const share = formatPercent(Math.round(slowest.share * 100) / 100);
  return [
    `  slowest: ${phaseText(slowest.phases)}, ${share} of the start; what would shorten it:`,
    ...slowest.shorten.map((each) => `    - ${each}`),
  ];
}

function countText({ starts, failed, running }: StartSummary): string {
  const of = [
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(running === 0 ? [] : [`${running} did not end in time`]),
  ];
  return `${starts === 1 ? '1 start' : `${starts} starts`}${of.length === 0 ? '' : ` (${of.join(', ')})`}`;
}

const phaseText = (phases: readonly Phase[]): string => phases.join(' + ');
const timeText = (ms: number | null): string => (ms === null ? 'not known' : formatElapsed(ms));
