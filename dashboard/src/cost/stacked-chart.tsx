import type { ReactNode } from 'preact/compat';
import { useState } from 'preact/compat';
import { amountTop, barName, barWords, namedBars } from './chart-axis.ts';
import { paintOf, Swatch } from './fills.tsx';
import { formatAmount, formatNumber, formatPart, formatTick, type Measure, measureName } from './measure.ts';
import { type CostRange, ranges } from './question.ts';
import type { CostSeries } from './series.ts';

interface ChartProps {
  readonly series: CostSeries;
  readonly measure: Measure;
  readonly last: CostRange;
  /** What the bars show, for people who do not see them. */
  readonly label: string;
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;
const plotHeight = 200;
const axisHeight = 22;
/** Room above the top line for its number. */
const headHeight = 8;
const barShare = 0.86;
const gridShares = [0, 0.5, 1];

/** Bars of stacked parts beside a legend, which tells the amounts of the bar that is pointed at, and else of all. */
export function StackedChart({ series, measure, last, label }: ChartProps): ReactNode {
  const [pointed, setPointed] = useState<number | null>(null);
  const { bars } = series;
  const top = amountTop(bars, measure);
  const yOf = (amount: number): number => headHeight + plotHeight * (1 - amount / top);
  const height = headHeight + plotHeight + axisHeight;
  const point = (event: PointerEvent): void => {
    const { left, width } = (event.currentTarget as SVGElement).getBoundingClientRect();
    const at = Math.floor(((event.clientX - left) / width) * bars.length);
    setPointed(Math.min(bars.length - 1, Math.max(0, at)));
  };
  return (
    <div className="cost-chart">
      <svg className="cost-axis" width="100%" height={height} aria-hidden="true">
        {gridShares.map((share) => (
          <text key={share} x="100%" y={yOf(top * share) + 4} textAnchor="end">
            {formatTick(top * share, measure)}
          </text>
        ))}
      </svg>
      <svg
        className="cost-plot"
        width="100%"
        height={height}
        role="img"
        aria-label={label}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setPointed(null)}
      >
        {pointed === null ? null : (
          <rect
            className="cost-pointed"
            x={percent(pointed / bars.length)}
            width={percent(1 / bars.length)}
            y={headHeight}
            height={plotHeight}
          />
        )}
        {gridShares.map((share) => (
          <line key={share} className="cost-grid" x1="0" x2="100%" y1={yOf(top * share)} y2={yOf(top * share)} />
        ))}
        {bars.map(({ startMs }, index) => (
          <Bar key={startMs} series={series} index={index} yOf={yOf} />
        ))}
        {namedBars(bars, last).map((index) => (
          <text key={index} x={percent((index + 0.5) / bars.length)} y={height - 5} textAnchor="middle">
            {barName(bars[index]?.startMs ?? 0, last)}
          </text>
        ))}
      </svg>
      <Legend series={series} measure={measure} last={last} pointed={pointed} />
    </div>
  );
}

interface BarProps {
  readonly series: CostSeries;
  readonly index: number;
  readonly yOf: (amount: number) => number;
}

function Bar({ series: { bars, parts }, index, yOf }: BarProps): ReactNode {
  let below = 0;
  return parts.map(({ key, fill, amounts }) => {
    const amount = Math.max(0, amounts[index] ?? 0);
    const [from, to] = [below, below + amount];
    below = to;
    if (amount === 0) return null;
    return (
      <rect
        key={key}
        className="cost-part"
        fill={paintOf(fill)}
        x={percent((index + (1 - barShare) / 2) / bars.length)}
        width={percent(barShare / bars.length)}
        y={yOf(to)}
        height={Math.max(0.5, yOf(from) - yOf(to))}
      />
    );
  });
}

type LegendProps = Pick<ChartProps, 'series' | 'measure' | 'last'> & { readonly pointed: number | null };

/** In the order of the bars, from the top down. */
function Legend({ series: { bars, parts, total }, measure, last, pointed }: LegendProps): ReactNode {
  const bar = pointed === null ? undefined : bars[pointed];
  const whole = bar === undefined ? total : bar.total;
  return (
    <div className="cost-legend">
      <p className="cost-when">
        <span>{bar === undefined ? `last ${ranges[last].words}` : barWords(bar.startMs, last)}</span>
        <span className="unit">{measureName(measure)}</span>
      </p>
      <dl>
        {parts.toReversed().map(({ key, label, fill, amounts, total: all }) => {
          const amount = pointed === null ? all : (amounts[pointed] ?? 0);
          return (
            <div key={key}>
              <dt>
                <Swatch fill={fill} />
                <span className="line" title={label}>
                  {label}
                </span>
              </dt>
              <dd>
                {formatNumber(amount, measure)} <span className="sub">{formatPart(amount, whole)}</span>
              </dd>
            </div>
          );
        })}
        <div className="cost-whole">
          <dt>all</dt>
          <dd>{bar?.isKnown === false ? 'not recorded' : formatNumber(whole, measure)}</dd>
        </div>
      </dl>
    </div>
  );
}

/** The same numbers, for people who read no bars. A bar of which nothing is recorded has a dash. */
export function SeriesTable({ series: { bars, parts }, measure, last }: Omit<ChartProps, 'label'>): ReactNode {
  const name = measureName(measure);
  return (
    <details className="cost-numbers">
      <summary>The same numbers as a table</summary>
      <table role="table">
        <caption className="unseen">{`In ${name}, by ${ranges[last].dimension} of UTC, the newest first`}</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">
              {ranges[last].dimension}, UTC
            </th>
            {parts.map(({ key, label }) => (
              <th key={key} role="columnheader" scope="col">
                {label}
              </th>
            ))}
            <th role="columnheader" scope="col">
              all, {name}
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {bars
            .map(({ startMs, isKnown, total }, index) => (
              <tr key={startMs} role="row">
                <th role="rowheader" scope="row">
                  {barName(startMs, last)}
                </th>
                {parts.map(({ key, label, amounts }) => (
                  <td key={key} role="cell" data-name={label}>
                    {isKnown ? formatNumber(amounts[index] ?? 0, measure) : '–'}
                  </td>
                ))}
                <td role="cell" data-name="all" title={formatAmount(total, measure)}>
                  {isKnown ? formatNumber(total, measure) : '–'}
                </td>
              </tr>
            ))
            .toReversed()}
        </tbody>
      </table>
    </details>
  );
}
