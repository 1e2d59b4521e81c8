import type { ReactNode } from 'preact/compat';
import type { Limits } from '../../../src/core/packing/plan-ahead/service-need.ts';
import { axisTop } from '../parts/axis-top.ts';
import { bandPath, linePath, side } from './plan-path.ts';
import { limitsWords } from './plan-words.ts';

export interface PlotProps {
  readonly title: string;
  readonly unit: string;
  /** First day of each week. */
  readonly weeks: readonly string[];
  readonly values: readonly Limits[];
  readonly format: (value: number) => string;
  /** Levels that the values are held against. */
  readonly levels: readonly { readonly value: number; readonly label: string }[];
  /** Place of the week in which the pool is full; null for none. */
  readonly fullAt: number | null;
  /** Place of the week that is pointed at; null for none. */
  readonly pointed: number | null;
  readonly onPoint: (at: number | null) => void;
}

const [plotHeight, headHeight, axisHeight] = [120, 20, 22];
const height = headHeight + plotHeight + axisHeight;

/** An estimate over weeks as a line with its interval as a band, and the numbers of the week that is pointed at. */
export function PlanPlot(props: PlotProps): ReactNode {
  const { title, unit, weeks, values, format, levels, fullAt, pointed, onPoint } = props;
  const top = axisTop(Math.max(1, ...values.map(({ upper }) => upper), ...levels.map(({ value }) => value)));
  const shareOf = (at: number): number => (at + 0.5) / Math.max(1, weeks.length);
  const yOf = (value: number): number => headHeight + plotHeight * (1 - value / top);
  const read = pointed ?? weeks.length - 1;
  const limits = values[read];
  const point = (event: PointerEvent): void => {
    const { left, width } = (event.currentTarget as SVGElement).getBoundingClientRect();
    const at = Math.floor(((event.clientX - left) / width) * weeks.length);
    onPoint(Math.min(weeks.length - 1, Math.max(0, at)));
  };
  const said = limits === undefined ? '' : limitsWords(limits, format);
  return (
    <figure className="plan-plot">
      <figcaption>
        <h3>
          {title} <span className="unit">{unit}</span>
        </h3>
        <p className="plan-read">
          <span className="sub">week of {weeks[read] ?? ''}</span> {said}
        </p>
      </figcaption>
      <div className="plan-axes">
        <svg width="100%" height={height} aria-hidden="true">
          {[0, top / 2, top].map((value) => (
            <text key={value} x="100%" y={yOf(value) + 4} textAnchor="end">
              {format(value)}
            </text>
          ))}
        </svg>
        <svg
          width="100%"
          height={height}
          role="img"
          aria-label={`${title} of each week up to ${weeks.at(-1) ?? ''}, ${said} in the week of ${weeks[read] ?? ''}; the numbers are in the table`}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => onPoint(null)}
        >
          {[0, top / 2, top].map((value) => (
            <line key={value} className="cost-grid" x1="0" x2="100%" y1={yOf(value)} y2={yOf(value)} />
          ))}
          <svg
            y={headHeight}
            width="100%"
            height={plotHeight}
            viewBox={`0 0 ${side} ${side}`}
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            <path className="plan-band" d={bandPath(values, top)} />
            <path className="plan-line" d={linePath(values, top)} vectorEffect="non-scaling-stroke" />
          </svg>
          {levels.map(({ value, label }) => (
            <g key={label}>
              <line className="plan-level" x1="0" x2="100%" y1={yOf(value)} y2={yOf(value)} />
              <text x="4" y={yOf(value) - 4}>
                {label}
              </text>
            </g>
          ))}
          {fullAt === null ? null : (
            <g>
              <Upright className="plan-full" share={shareOf(fullAt)} />
              <text className="plan-full-name" x={percent(shareOf(fullAt))} y={headHeight - 4} textAnchor="middle">
                full
              </text>
            </g>
          )}
          {pointed === null ? null : <Upright className="plan-pointed" share={shareOf(pointed)} />}
          <text x="0" y={height - 5}>
            {weeks[0] ?? ''}
          </text>
          <text x="100%" y={height - 5} textAnchor="end">
            {weeks.at(-1) ?? ''}
          </text>
        </svg>
      </div>
    </figure>
  );
}

/** A line from the bottom to the top of the plot. */
function Upright({ className, share }: { readonly className: string; readonly share: number }): ReactNode {
  const x = percent(share);
  return <line className={className} x1={x} x2={x} y1={headHeight} y2={headHeight + plotHeight} />;
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;
