import type { KeepAlive } from '../../core/scaling/idle-gaps.ts';
import type { ParetoPoint, SimulatedPolicy } from '../../core/scaling/simulation/score/scaling-report.ts';
import { countHeld, type Timeline, type TimelinePoint } from '../../core/scaling/simulation/score/timeline.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import { countText, keptText, shareText } from './scale-simulate-text.ts';
import { html } from '../report/html-page.ts';

/** On a narrow page text is drawn larger in the units of the plot, so that it stays as large for the eye. */
export const plotStyle = `
:root { --ready: #0969da; --starting: #bf8700; --pending: #8250df; --draining: #8c959f; --asleep: #1b7c83; }
@media (prefers-color-scheme: dark) { :root { --ready: #58a6ff; --starting: #e3b341; --pending: #bc8cff; --draining: #6e7681; --asleep: #39c5cf; } }
svg.plot { display: block; width: 100%; }
svg.plot text.name { fill: var(--front); font-size: 13px; font-weight: 600; }
@media (max-width: 40rem) { svg.plot text { font-size: 24px; } svg.plot text.name { font-size: 26px; } svg.plot .tip div { font-size: 25px; } }
.mark circle { fill: var(--back); stroke: var(--front); stroke-width: 1.5; }
.mark:hover circle, .mark:focus circle { fill: var(--front); }
.mark { outline: none; cursor: default; }
.mark .tip { display: none; } .mark:hover .tip, .mark:focus .tip { display: block; }
.tip div { background: var(--back); color: var(--front); font-size: 13px; line-height: 1.35; height: 100%; }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .25rem 0; padding: 0; list-style: none; font-size: .85rem; color: var(--quiet); }
.key span { display: inline-block; width: .8em; height: .8em; margin-right: .35em; border-radius: 2px; vertical-align: -.05em; }
`;

const [width, left, right] = [960, 104, 12];
const plotWidth = width - left - right;
/** One each two units of width is all that is seen. */
const pointsAtMost = 420;
const marksAtMost = 150;
const states = ['ready', 'starting', 'pending', 'draining', 'asleep'] as const;

interface Panel {
  readonly topAt: number;
  readonly height: number;
  readonly most: number;
}

/** Arrivals, queue and replicas over time; each change of the desired count is a mark that tells its reason. */
export function timelinePlot({ label, timeline }: SimulatedPolicy, endMs: number): string {
  const points = thinned(timeline.points.filter(({ atMs }) => atMs <= endMs));
  const x = (atMs: number): number => left + (plotWidth * Math.min(atMs, endMs)) / endMs;
  const mostOf = (of: (point: TimelinePoint) => number): number => Math.max(1, ...points.map(of));
  const rates: Panel = { topAt: 40, height: 110, most: mostOf(({ arrivalsPerSecond }) => arrivalsPerSecond) };
  const queue: Panel = { topAt: 200, height: 90, most: mostOf(({ queueDepth }) => queueDepth) };
  const replicas: Panel = {
    topAt: 340,
    height: 170,
    most: mostOf((point) => Math.max(countHeld(point), point.desired)),
  };
  const bottom = replicas.topAt + replicas.height;
  const series = [
    area(points, rates, x, ({ arrivalsPerSecond }) => arrivalsPerSecond, 'var(--ready)', 0.45),
    missed(points, rates, x),
    area(points, queue, x, ({ queueDepth }) => queueDepth, 'var(--fail)', 0.6),
    ...stacked(points, replicas, x),
    steps(points, replicas, x),
  ];
  const told = `${label}: arrivals, queue and replicas over time; the decisions are in the table below`;
  return `${keyOf(points)}
<svg class="plot" viewBox="0 0 ${width} ${bottom + 140}" role="img" aria-label="${html(told)}">
${frame(rates, 'requests/s; red: missed', decimal)}
${frame(queue, 'requests that wait', countText)}
${frame(replicas, 'replicas by state; line: desired', countText)}
${timeTicks(endMs, x, bottom)}
${series.join('\n')}
${marks(timeline, replicas, x, endMs, bottom)}
</svg>`;
}

const decimal = (value: number): string => (value < 10 ? String(Number(value.toFixed(1))) : countText(value));

/** Sleep is named only where somebody sleeps: it is a what-if. */
function keyOf(points: readonly TimelinePoint[]): string {
  const named = states.filter((state) => state !== 'asleep' || points.some(({ asleep }) => asleep > 0));
  const coloured = named.map((state) => `<li><span style="background: var(--${state})"></span>${state}</li>`);
  return `<ul class="key">${coloured.join('')}<li><span style="background: var(--front); height: 2px; vertical-align: .25em"></span>desired</li><li>○ decision</li></ul>`;
}

/** The largest rate and queue, and the last state, of each few points: what is shown is never less than what was. */
function thinned(points: readonly TimelinePoint[]): readonly TimelinePoint[] {
  const each = Math.max(1, Math.ceil(points.length / pointsAtMost));
  const kept: TimelinePoint[] = [];
  for (let from = 0; from < points.length; from += each) {
    const some = points.slice(from, from + each);
    const last = some.at(-1);
    if (last === undefined) continue;
    kept.push({
      ...last,
      arrivalsPerSecond: Math.max(...some.map(({ arrivalsPerSecond }) => arrivalsPerSecond)),
      queueDepth: Math.max(...some.map(({ queueDepth }) => queueDepth)),
      missed: some.reduce((sum, point) => sum + point.missed, 0),
    });
  }
  return kept;
}

const yOf = ({ topAt, height, most }: Panel, value: number): number => topAt + height - (height * value) / most;
const at = (value: number): string => value.toFixed(1);

function frame(panel: Panel, name: string, shown: (value: number) => string): string {
  const { topAt, height, most } = panel;
  const bottom = topAt + height;
  return `<text class="name" x="${left}" y="${topAt - 10}">${name}</text>
<line x1="${left}" y1="${bottom}" x2="${width - right}" y2="${bottom}" stroke="var(--line)"/>
<line x1="${left}" y1="${topAt}" x2="${width - right}" y2="${topAt}" stroke="var(--line)" stroke-dasharray="2 4"/>
<text x="${left - 8}" y="${bottom + 4}" text-anchor="end">0</text><text x="${left - 8}" y="${topAt + 6}" text-anchor="end">${shown(most)}</text>`;
}

function timeTicks(endMs: number, x: (atMs: number) => number, bottom: number): string {
  return [0, 0.25, 0.5, 0.75, 1]
    .map((share) => {
      const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
      return `<text x="${at(x(share * endMs))}" y="${bottom + 26}" text-anchor="${anchor}">${formatElapsed(share * endMs)}</text>`;
    })
    .join('');
}

function area(
  points: readonly TimelinePoint[],
  panel: Panel,
  x: (atMs: number) => number,
  of: (point: TimelinePoint) => number,
  colour: string,
  opacity: number,
): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return '';
  const line = points.map((point) => `${at(x(point.atMs))},${at(yOf(panel, of(point)))}`).join(' ');
  const base = at(yOf(panel, 0));
  return `<polygon points="${at(x(first.atMs))},${base} ${line} ${at(x(last.atMs))},${base}" fill="${colour}" fill-opacity="${opacity}" stroke="${colour}"/>`;
}

/** Late and dropped requests, as bars in the unit of the arrivals. */
function missed(points: readonly TimelinePoint[], panel: Panel, x: (atMs: number) => number): string {
  const bars = points.flatMap((point, index) => {
    const seconds = (point.atMs - (points[index - 1]?.atMs ?? 0)) / 1_000;
    if (point.missed === 0 || seconds <= 0) return [];
    const y = yOf(panel, Math.min(panel.most, point.missed / seconds));
    return [`M${at(x(point.atMs))} ${at(yOf(panel, 0))}V${at(Math.min(y, yOf(panel, 0) - 2))}`];
  });
  return bars.length === 0 ? '' : `<path d="${bars.join('')}" stroke="var(--fail)" stroke-width="2"/>`;
}

function stacked(points: readonly TimelinePoint[], panel: Panel, x: (atMs: number) => number): readonly string[] {
  const below = points.map(() => 0);
  return states.map((state) => {
    const lower = [...below];
    points.forEach((point, index) => (below[index] = (below[index] ?? 0) + point[state]));
    if (points.every((point) => point[state] === 0)) return '';
    const up = stepLine(points, (index) => yOf(panel, below[index] ?? 0), x);
    const down = stepLine(points, (index) => yOf(panel, lower[index] ?? 0), x).toReversed();
    return `<polygon points="${[...up, ...down].join(' ')}" fill="var(--${state})" fill-opacity=".7"/>`;
  });
}

function steps(points: readonly TimelinePoint[], panel: Panel, x: (atMs: number) => number): string {
  const line = stepLine(points, (index) => yOf(panel, points[index]?.desired ?? 0), x);
  return `<polyline points="${line.join(' ')}" fill="none" stroke="var(--front)" stroke-width="1.5"/>`;
}

function stepLine(
  points: readonly TimelinePoint[],
  yAt: (index: number) => number,
  x: (atMs: number) => number,
): readonly string[] {
  return points.flatMap((point, index) => {
    const here = `${at(x(point.atMs))},${at(yAt(index))}`;
    return index === 0 ? [here] : [`${at(x(point.atMs))},${at(yAt(index - 1))}`, here];
  });
}

function marks(
  { decisions }: Timeline,
  panel: Panel,
  x: (atMs: number) => number,
  endMs: number,
  bottom: number,
): string {
  const shown = decisions.filter(({ atMs }) => atMs <= endMs).slice(0, marksAtMost);
  const hint = 'A mark is a decision: point at it, or step to it with the Tab key, and its reason is shown here.';
  const box = `x="${left}" y="${bottom + 36}" width="${plotWidth}" height="104"`;
  const words = (text: string): string =>
    `<foreignObject class="tip" ${box}><div xmlns="http://www.w3.org/1999/xhtml">${text}</div></foreignObject>`;
  const all = shown.map(({ atMs, desired, reason }) => {
    const text = html(`${formatElapsed(atMs)}: ${desired}. ${reason}`);
    const dot = `<circle cx="${at(x(atMs))}" cy="${at(yOf(panel, Math.min(panel.most, desired)))}" r="4"/>`;
    return `<g class="mark" tabindex="0" role="img" aria-label="${text}">${dot}${words(text)}</g>`;
  });
  return `${words(`<span class="quiet">${hint}</span>`)}\n${all.join('\n')}`;
}

/** Attainment over cost: up and to the left is better. */
export function paretoPlot(points: readonly ParetoPoint[], askedShare: number): string {
  const [top, height] = [40, 320];
  const most = Math.max(1, ...points.map(({ acceleratorSeconds }) => acceleratorSeconds)) * 1.05;
  // Missed shares by powers of ten, so that 99% and 99.9% are as far apart as 90% and 99%.
  const depth = (share: number): number => Math.min(4, -Math.log10(Math.max(1e-4, 1 - share)));
  const y = (share: number): number => top + height - (height * depth(share)) / 4;
  const x = (seconds: number): number => left + (plotWidth * seconds) / most;
  const rows = [0, 0.9, 0.99, 0.999, 0.9999].map(
    (share) =>
      `<line x1="${left}" y1="${at(y(share))}" x2="${width - right}" y2="${at(y(share))}" stroke="var(--line)"/><text x="${left - 8}" y="${at(y(share) + 5)}" text-anchor="end">${Number((100 * share).toFixed(2))}%</text>`,
  );
  const names = [...new Set(points.map(({ policy }) => policy))];
  const dots = points.map(({ policy, label, attainmentShare, acceleratorSeconds, onFront }) => {
    const told = html(
      `${policy} ${label === '' ? 'by default' : label}: ${shareText(attainmentShare)}, ${countText(acceleratorSeconds)} accelerator-s`,
    );
    const [cx, cy] = [at(x(acceleratorSeconds)), at(y(attainmentShare))];
    const colour = hueOf(names.indexOf(policy), names.length);
    return `<circle cx="${cx}" cy="${cy}" r="${onFront ? 8 : 5}" fill="${colour}" fill-opacity=".75" stroke="${onFront ? 'var(--front)' : 'none'}" stroke-width="1.5"><title>${told}</title></circle>`;
  });
  const legend = names.map(
    (name, index) => `<li><span style="background: ${hueOf(index, names.length)}"></span>${html(name)}</li>`,
  );
  const bottom = top + height;
  return `<ul class="key">${legend.join('')}<li>ringed: no other is better in both</li></ul>
<svg class="plot" viewBox="0 0 ${width} ${bottom + 60}" role="img" aria-label="In time over accelerator-seconds, the numbers are in the table below">
<text class="name" x="${left}" y="${top - 14}">in time, over accelerator-seconds</text>
${rows.join('\n')}
<line x1="${left}" y1="${at(y(askedShare))}" x2="${width - right}" y2="${at(y(askedShare))}" stroke="var(--pass)" stroke-width="2" stroke-dasharray="8 4"/>
${dots.join('\n')}
<text x="${left}" y="${bottom + 30}">0</text><text x="${width - right}" y="${bottom + 30}" text-anchor="end">${countText(most)}</text>
</svg>`;
}

const hueOf = (index: number, count: number): string =>
  `hsl(${Math.round((360 * index) / Math.max(1, count) + 210) % 360} 65% 50%)`;

/** Cost of each keep-alive time, by idle, loading and late requests together. */
export function keepAlivePlot(curve: readonly KeepAlive[], cheapest: KeepAlive | null): string {
  const [top, height] = [40, 200];
  const most = Math.max(1e-9, ...curve.map(({ cost }) => cost));
  const gap = plotWidth / Math.max(1, curve.length);
  const bars = curve.map((one, index) => {
    const tall = (height * one.cost) / most;
    const told = html(
      `kept ${keptText(one)}: cost ${countText(one.cost)}, ${countText(one.coldRequests)} late requests`,
    );
    const colour = one === cheapest ? 'var(--pass)' : 'var(--ready)';
    return `<rect x="${at(left + index * gap + 1)}" y="${at(top + height - tall)}" width="${at(Math.max(1, gap - 2))}" height="${at(tall)}" fill="${colour}" fill-opacity=".7"><title>${told}</title></rect>`;
  });
  const bottom = top + height;
  const named = [0, Math.floor(curve.length / 2), curve.length - 1].map((index, place) => {
    const anchor = ['start', 'middle', 'end'][place] ?? 'middle';
    const one = curve[index];
    const middle = place === 0 ? left : place === 2 ? width - right : left + (index + 0.5) * gap;
    return one === undefined
      ? ''
      : `<text x="${at(middle)}" y="${bottom + 28}" text-anchor="${anchor}">${keptText(one)}</text>`;
  });
  return `<svg class="plot" viewBox="0 0 ${width} ${bottom + 50}" role="img" aria-label="Cost of keeping the last replica, by how long">
${frame({ topAt: top, height, most }, 'cost by how long the last replica is kept', countText)}
${bars.join('\n')}
${named.join('')}
</svg>`;
}
