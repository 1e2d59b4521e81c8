import type { DriftHistory, FeatureHistory } from '../../../src/core/monitoring/watch/inputs/feature-history.ts';
import type { TrailPoint } from '../../../src/core/monitoring/watch/alarm/evidence-trail.ts';

/** The stretch of time that is drawn. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What is drawn of a feature, in hundredths of the drawing from its left and its top. */
export interface FeaturePlot {
  /** Null where no window has a value. */
  readonly line: string | null;
  /** Single windows between gaps: a line cannot show them. */
  readonly dots: readonly { readonly x: number; readonly y: number }[];
  readonly band: { readonly top: number; readonly height: number; readonly middle: number } | null;
  /** What top and bottom of the drawing stand for. */
  readonly high: number;
  readonly low: number;
}

/** Evidence is drawn from a millionth of an alarm to ten alarms. */
const leastLog = -6;
const mostLog = 1;
/** Room above and below what is drawn. */
const margin = 0.12;

/** From the first window to the newest evidence: an alarm may be raised before the window of its rows is full. */
export function spanOf({ atMs, trail }: Pick<DriftHistory, 'atMs' | 'trail'>): Span | null {
  const [fromMs, toMs] = [atMs[0], atMs.at(-1)];
  if (fromMs === undefined || toMs === undefined) return null;
  return { fromMs, toMs: Math.max(toMs, fromMs + 1, trail.at(-1)?.atMs ?? 0) };
}

export const placeOf = (atMs: number, { fromMs, toMs }: Span): number =>
  hundredths(Math.min(1, Math.max(0, (atMs - fromMs) / (toMs - fromMs))));

/** The band is always seen: a line that is far from it is drawn small rather than without it. */
export function plotFeature({ values, reference }: FeatureHistory, atMs: readonly number[], span: Span): FeaturePlot {
  const known = values.filter((value) => value !== null);
  const all = reference === null ? known : [...known, reference.low, reference.high];
  const [least, most] = [minOf(all), maxOf(all)];
  const room = (most - least) * margin || Math.abs(most) * margin || 1;
  const [low, high] = [least - room, most + room];
  const top = (value: number): number => hundredths((high - value) / (high - low));
  const points = values.map((value, at) =>
    value === null ? null : { x: placeOf(atMs[at] ?? span.fromMs, span), y: top(value) },
  );
  return {
    line: known.length === 0 ? null : pathOf(points),
    dots: points.filter((point, at) => point !== null && isAlone(points, at)).filter((point) => point !== null),
    band:
      reference === null
        ? null
        : {
            top: top(reference.high),
            height: hundredths((reference.high - reference.low) / (high - low)),
            middle: top(reference.value),
          },
    low,
    high,
  };
}

/** From the top, in hundredths: 1, which raises an alarm, is at a seventh. */
export function topOfEvidence(capital: number): number {
  const log = capital > 0 ? Math.log10(capital) : leastLog;
  return hundredths((mostLog - Math.min(mostLog, Math.max(leastLog, log))) / (mostLog - leastLog));
}

/** All evidence, or that of one feature, where it was among the six that held the most. */
export function plotEvidence(trail: readonly TrailPoint[], name: string | null, span: Span): string {
  const points = withinSpan(trail, span).map(({ atMs, statistic, most }) => {
    const capital = name === null ? statistic : most.find((each) => each.name === name)?.capital;
    return { x: placeOf(atMs, span), y: topOfEvidence(capital ?? 0) };
  });
  return pathOf(points);
}

/** With the newest point before the span, so that the line begins at its left. */
function withinSpan(trail: readonly TrailPoint[], { fromMs, toMs }: Span): readonly TrailPoint[] {
  const first = trail.findLastIndex(({ atMs }) => atMs <= fromMs);
  return trail.slice(Math.max(0, first)).filter(({ atMs }) => atMs <= toMs);
}

/** The newest evidence of a feature; null where nothing is known. */
export function newestEvidence(trail: readonly TrailPoint[], name: string | null): number | null {
  const last = trail.at(-1);
  if (last === undefined) return null;
  return name === null ? last.statistic : (last.most.find((each) => each.name === name)?.capital ?? 0);
}

/** When alarms were raised of this feature, its group, or of anything where both are null. */
export function alarmPlaces(
  trail: readonly TrailPoint[],
  of: { readonly name: string | null; readonly group: string | null },
  span: Span,
): readonly number[] {
  return trail.flatMap(({ atMs, alarm }) => {
    if (alarm === undefined || atMs < span.fromMs || atMs > span.toMs) return [];
    const isMeant = of.name === null || alarm.name === (alarm.kind === 'feature' ? of.name : of.group);
    return isMeant ? [placeOf(atMs, span)] : [];
  });
}

type Place = { readonly x: number; readonly y: number };

function pathOf(points: readonly (Place | null)[]): string {
  let path = '';
  let isOpen = false;
  for (const point of points) {
    if (point !== null) path += `${isOpen ? 'L' : 'M'}${point.x} ${point.y}`;
    isOpen = point !== null;
  }
  return path;
}

const isAlone = (points: readonly (Place | null)[], at: number): boolean =>
  (points[at - 1] ?? null) === null && (points[at + 1] ?? null) === null;

const hundredths = (share: number): number => Math.round(share * 10_000) / 100;
const minOf = (values: readonly number[]): number => (values.length === 0 ? 0 : Math.min(...values));
const maxOf = (values: readonly number[]): number => (values.length === 0 ? 1 : Math.max(...values));
