import type { HistoryPoint } from '../../../src/core/health/history.ts';
import type { SignalSample } from '../../../src/schemas/view/view.ts';

/** Signals come once a second; a longer silence than this is a hole, not jitter. */
const holeMs = 2_500;
export const windowSeconds = 300;
/** As many as a control plane keeps: scaling is read over a longer stretch than the signals are. */
export const keptSeconds = 600;
/** Room for them and for what a clock that is a little off puts beside them. */
const capacity = keptSeconds + 30;

export type SignalName = Exclude<keyof SignalSample, 'atMs'>;

/** Adds in order of time, replaces the sample of the same moment, forgets the oldest. */
export function addSamples(kept: readonly SignalSample[], added: readonly SignalSample[]): readonly SignalSample[] {
  const newest = kept.at(-1);
  const inOrder = added.length === 1 && (newest === undefined || (added[0]?.atMs ?? 0) > newest.atMs);
  if (inOrder) return [...kept.slice(kept.length >= capacity ? 1 : 0), ...added];
  const byMoment = new Map([...kept, ...added].map((sample) => [sample.atMs, sample]));
  return [...byMoment.values()].sort((a, b) => a.atMs - b.atMs).slice(-capacity);
}

export interface SignalWindow {
  readonly fromMs: number;
  readonly toMs: number;
  /** Samples in the window, and `null` in the middle of each hole, so that a line breaks there. */
  readonly points: readonly (SignalSample | { readonly atMs: number; readonly hole: true })[];
  /** Where nothing is known: before the first sample, in holes, after the last. */
  readonly unknown: readonly { readonly fromMs: number; readonly toMs: number }[];
}

/** The last minutes as they are known; a second in which no gateway reported is a hole too. Unknown stays unknown: it is never drawn as zero. */
export function signalWindow(
  samples: readonly SignalSample[],
  toMs: number,
  lengthSeconds = windowSeconds,
): SignalWindow {
  const fromMs = toMs - lengthSeconds * 1000;
  const inside = samples.filter(
    (sample) => sample.requestsPerSecond !== null && sample.atMs >= fromMs && sample.atMs <= toMs + holeMs,
  );
  const points: SignalWindow['points'][number][] = [];
  const unknown: { fromMs: number; toMs: number }[] = [];
  let knownUntilMs = fromMs;
  for (const sample of inside) {
    if (sample.atMs - knownUntilMs > holeMs) {
      unknown.push({ fromMs: knownUntilMs, toMs: sample.atMs });
      if (points.length > 0) points.push({ atMs: (knownUntilMs + sample.atMs) / 2, hole: true });
    }
    points.push(sample);
    knownUntilMs = sample.atMs;
  }
  if (toMs - knownUntilMs > holeMs) unknown.push({ fromMs: knownUntilMs, toMs });
  return { fromMs, toMs, points, unknown };
}

/** A span of the history may be missing for so long before it is a hole: a minute that was closed late is none. */
const missingMs = 90_000;

/** The last hours as they were recorded, each point at the end of its span. */
export function historyWindow(history: readonly HistoryPoint[], toMs: number, lengthSeconds: number): SignalWindow {
  const fromMs = toMs - lengthSeconds * 1000;
  const points: SignalWindow['points'][number][] = [];
  const unknown: { fromMs: number; toMs: number }[] = [];
  let knownUntilMs = fromMs;
  for (const point of history.filter(({ atMs }) => atMs > fromMs)) {
    const beganMs = point.atMs - point.spanMs;
    if (beganMs - knownUntilMs > missingMs) {
      unknown.push({ fromMs: knownUntilMs, toMs: beganMs });
      if (points.length > 0) points.push({ atMs: (knownUntilMs + beganMs) / 2, hole: true });
    }
    points.push(point);
    knownUntilMs = point.atMs;
  }
  if (toMs - knownUntilMs > missingMs) unknown.push({ fromMs: knownUntilMs, toMs });
  return { fromMs, toMs, points, unknown };
}

/** The point whose span holds a moment; null in a hole. */
export function pointAt(history: readonly HistoryPoint[], atMs: number): HistoryPoint | null {
  return history.find((point) => atMs > point.atMs - point.spanMs && atMs <= point.atMs) ?? null;
}

/** Columns as a chart wants them: seconds, then one column per signal with null where it is unknown. */
export function columnsOf(window: SignalWindow, names: readonly SignalName[]): [number[], ...(number | null)[][]] {
  const seconds = window.points.map((point) => point.atMs / 1000);
  return [seconds, ...names.map((name) => window.points.map((point) => ('hole' in point ? null : point[name])))];
}

/** The sample nearest to a moment, or null in a hole. */
export function sampleAt(samples: readonly SignalSample[], atMs: number): SignalSample | null {
  let nearest: SignalSample | null = null;
  for (const sample of samples) {
    if (nearest === null || Math.abs(sample.atMs - atMs) < Math.abs(nearest.atMs - atMs)) nearest = sample;
  }
  return nearest !== null && Math.abs(nearest.atMs - atMs) <= holeMs / 2 ? nearest : null;
}
