import type { ReactNode } from 'preact/compat';
import { memo, useMemo } from 'preact/compat';
import type {
  CanaryMetric,
  CanaryOutcome,
  CanarySample,
  MetricJudgement,
} from '../../../src/core/rollout/judge/canary.ts';
import { Clipped } from '../parts/clipped.tsx';
import { formatFineShare, formatHundredths, formatMs, formatWhole } from '../parts/format.ts';
import { OutcomeGlyph } from '../parts/glyphs.tsx';
import { bandPath, estimatePath, type JudgeSeries, judgeSeries } from './judge-series.ts';

interface Shown {
  readonly title: string;
  readonly what: string;
  /** Unit of difference and margin. */
  readonly unit: string;
  readonly level: (value: number | null) => string;
}

const metrics: Readonly<Record<CanaryMetric, Shown>> = {
  errors: { title: 'Errors', what: 'share of failed units', unit: 'points', level: formatFineShare },
  latency: {
    title: 'Latency',
    what: 'at the slow end',
    unit: '%',
    level: (ms) => (ms === null ? '–' : `${formatMs(ms)} ms`),
  },
  agreement: { title: 'Agreement', what: 'of the shadow', unit: 'points', level: formatFineShare },
  labels: { title: 'Wrong answers', what: 'by the labels', unit: 'points', level: formatFineShare },
};

export const metricTitle = (metric: CanaryMetric): string => metrics[metric].title;

const outcomeWords: Readonly<Record<CanaryOutcome, string>> = {
  promote: 'inside the margin',
  hold: 'not decided yet',
  'roll-back': 'outside the margin',
  inconclusive: 'not decided in time',
};

/** One metric of the judge over the whole rollout: the interval that always holds, its estimate, and the margin. */
export function JudgedMetric({
  metric,
  samples,
  labels,
}: {
  readonly metric: CanaryMetric;
  readonly samples: readonly CanarySample[];
  /** Of the steps, by their number. */
  readonly labels: ReadonlyMap<number, string>;
}): ReactNode {
  const series = useMemo(() => judgeSeries(samples, metric), [samples, metric]);
  const shown = metrics[metric];
  const judged = series?.last ?? null;
  return (
    <figure className="judged">
      <figcaption>
        <h3 title={`${shown.title}, ${shown.what}`}>
          {shown.title} <span className="unit">{shown.what}</span>
        </h3>
        <span className={`with-glyph outcome-${judged?.outcome ?? 'none'}`}>
          {judged === null ? (
            'nothing counted yet'
          ) : (
            <>
              <OutcomeGlyph outcome={judged.outcome} /> {outcomeWords[judged.outcome]}
            </>
          )}
        </span>
      </figcaption>
      <div className="judged-chart">
        {series === null ? null : <Drawing series={series} metric={metric} labels={labels} />}
      </div>
      <Readings judged={judged} shown={shown} metric={metric} />
      <Clipped className="judged-reason" lines={4} what={`why ${shown.title.toLowerCase()} is judged so`}>
        {judged?.reason ?? 'The judge has not looked at it.'}
      </Clipped>
    </figure>
  );
}

const Drawing = memo(function Drawing({
  series,
  metric,
  labels,
}: {
  readonly series: JudgeSeries;
  readonly metric: CanaryMetric;
  readonly labels: ReadonlyMap<number, string>;
}): ReactNode {
  const { margin, none, worseIsBelow, last } = series;
  const shown = metrics[metric];
  const beyond = worseIsBelow ? { y: margin * 100, height: 100 - margin * 100 } : { y: 0, height: margin * 100 };
  const limits = last === null ? '' : `: ${intervalWords(last, shown)}; margin ${differenceWords(last.margin, shown)}`;
  return (
    <>
      <svg
        viewBox="0 0 100 100"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${shown.title}, difference of the canary over time${limits}`}
      >
        <rect className="judged-beyond" x="0" width="100" {...beyond} />
        <line className="judged-none" x1="0" x2="100" y1={none * 100} y2={none * 100} />
        {series.steps.map(({ step, x, points }) => (
          <g key={step}>
            {x > 0.005 ? <line className="judged-step" x1={x * 100} x2={x * 100} y1="0" y2="100" /> : null}
            <path className="judged-band" d={bandPath(points)} />
            <path className="judged-estimate" d={estimatePath(points)} />
          </g>
        ))}
        <line className="judged-margin" x1="0" x2="100" y1={margin * 100} y2={margin * 100} />
      </svg>
      <span
        className="judged-label judged-label-margin"
        style={{ top: `${margin * 100}%` }}
        data-below={worseIsBelow || undefined}
      >
        margin {last === null ? '' : differenceWords(last.margin, shown)}
      </span>
      {series.steps.map(({ step, x }, index) =>
        (series.steps[index + 1]?.x ?? 1) - x < 0.12 ? null : (
          <span key={step} className="judged-step-label" style={{ left: `${x * 100}%` }}>
            {labels.get(step) ?? ''}
          </span>
        ),
      )}
      <span className="judged-label" style={{ top: `${none * 100}%` }}>
        {worseIsBelow ? 'all agree' : 'no difference'}
      </span>
    </>
  );
});

function differenceWords(value: number, { unit }: Shown): string {
  return unit === '%' ? `${formatHundredths(value)}%` : `${formatHundredths(value)} ${unit}`;
}

/** A limit that nothing has moved yet is said as such: a share differs by a whole at most. */
function intervalWords({ difference }: MetricJudgement, shown: Shown): string {
  if (difference === null) return 'no interval yet';
  const { estimate, low, high } = difference;
  const isOpen = high === null || (shown.unit === 'points' && high >= 1);
  const said = differenceWords(estimate, shown);
  if (low <= -1) return isOpen ? `${said}, no limits yet` : `${said}, at most ${differenceWords(high, shown)}`;
  return isOpen
    ? `${said}, at least ${differenceWords(low, shown)}`
    : `${said}, between ${formatHundredths(low)} and ${formatHundredths(high)}`;
}

interface ReadingsProps {
  readonly judged: MetricJudgement | null;
  readonly shown: Shown;
  readonly metric: CanaryMetric;
}

function Readings({ judged, shown, metric }: ReadingsProps): ReactNode {
  const units = judged?.units;
  const rows: readonly (readonly [string, string, string])[] =
    metric === 'agreement'
      ? [
          [
            'agrees',
            shown.level(judged?.canary ?? null),
            units === undefined ? '' : `${formatWhole(units.canary)} answers`,
          ],
        ]
      : [
          [
            'canary',
            shown.level(judged?.canary ?? null),
            units === undefined ? '' : `${formatWhole(units.canary)} units`,
          ],
          ['live', shown.level(judged?.live ?? null), units === undefined ? '' : `${formatWhole(units.live)} units`],
        ];
  return (
    <dl className="judged-readings">
      {rows.map(([name, level, count]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <strong>{level}</strong> <span className="sub">{count}</span>
          </dd>
        </div>
      ))}
      <div>
        <dt>difference</dt>
        <dd>{judged === null ? '–' : intervalWords(judged, shown)}</dd>
      </div>
    </dl>
  );
}

/** For the cold: they decide nothing, and are said apart. */
export function coldWords(cold: { readonly live: number; readonly canary: number }): string {
  if (cold.live + cold.canary === 0) return 'no cold units';
  return `${formatWhole(cold.canary)} cold units of the canary and ${formatWhole(cold.live)} of the live release are set apart`;
}
