import type { Limits } from '../../../core/packing/plan-ahead/service-need.ts';
import { html } from '../../report/html-page.ts';

export const plotStyle = `
svg.plot { display: block; width: 100%; margin: 1rem 0; }
svg.plot text.name { fill: var(--front); font-size: 13px; font-weight: 600; }
@media (max-width: 40rem) { svg.plot text { font-size: 24px; } svg.plot text.name { font-size: 26px; } }
`;

/** A level that the values are held against. */
export interface PlotLine {
  readonly value: number;
  readonly label: string;
}

export interface LimitsPlot {
  readonly name: string;
  /** The day of each value. */
  readonly days: readonly string[];
  readonly limits: readonly Limits[];
  readonly lines: readonly PlotLine[];
  /** A day that is marked; null for none. */
  readonly mark: string | null;
}

const [width, left, right, top, height] = [960, 104, 12, 32, 170];
const bottom = top + height;
const at = (value: number): string => value.toFixed(1);

/** Returns an estimate as a line, its interval as a band, and levels as dashed lines. */
export function limitsPlot({ name, days, limits, lines, mark }: LimitsPlot): string {
  const most = Math.max(1, ...limits.map(({ upper }) => upper), ...lines.map(({ value }) => value));
  const x = (index: number): number => left + ((width - left - right) * index) / Math.max(1, limits.length - 1);
  const y = (value: number): number => bottom - (height * value) / most;
  const points = (of: (each: Limits) => number): readonly string[] =>
    limits.map((each, index) => `${at(x(index))},${at(y(of(each)))}`);
  const band = [...points(({ upper }) => upper), ...points(({ lower }) => lower).toReversed()];
  const levels = lines.map(
    ({ value, label }) =>
      `<line x1="${left}" y1="${at(y(value))}" x2="${width - right}" y2="${at(y(value))}" stroke="var(--fail)" stroke-dasharray="6 4"/><text x="${left + 6}" y="${at(y(value) - 4)}">${html(label)}</text>`,
  );
  return `<svg class="plot" viewBox="0 0 ${width} ${bottom + 36}" role="img" aria-label="${html(`${name}; the numbers are in the table`)}">
<text class="name" x="${left}" y="${top - 12}">${html(name)}</text>
<line x1="${left}" y1="${bottom}" x2="${width - right}" y2="${bottom}" stroke="var(--line)"/>
<text x="${left - 8}" y="${bottom + 4}" text-anchor="end">0</text><text x="${left - 8}" y="${top + 6}" text-anchor="end">${html(most.toLocaleString('en-US', { maximumFractionDigits: 1 }))}</text>
<polygon points="${band.join(' ')}" fill="rgb(var(--fill))" fill-opacity=".2"/>
<polyline points="${points(({ estimate }) => estimate).join(' ')}" fill="none" stroke="rgb(var(--fill))" stroke-width="2"/>
${levels.join('\n')}
${markOf(days, mark, x)}
${ticks(days, x)}
</svg>`;
}

/** At the week that holds the day. */
function markOf(days: readonly string[], mark: string | null, x: (index: number) => number): string {
  if (mark === null) return '';
  const index = days.findLastIndex((day) => day <= mark);
  if (index === -1) return '';
  const isLeft = index < days.length / 2;
  return `<line x1="${at(x(index))}" y1="${top}" x2="${at(x(index))}" y2="${bottom}" stroke="var(--fail)" stroke-width="2"/><text x="${at(x(index) + (isLeft ? 6 : -6))}" y="${bottom - 8}" text-anchor="${isLeft ? 'start' : 'end'}">full ${html(mark)}</text>`;
}

function ticks(days: readonly string[], x: (index: number) => number): string {
  const last = days.length - 1;
  const shown = [...new Set([0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * last)))];
  return shown
    .map((index) => {
      const anchor = index === 0 ? 'start' : index === last ? 'end' : 'middle';
      return `<text x="${at(x(index))}" y="${bottom + 24}" text-anchor="${anchor}">${html(days[index] ?? '')}</text>`;
    })
    .join('');
}
