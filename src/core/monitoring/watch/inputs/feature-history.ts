import { toleranceOf, type DistanceTolerance } from '../../distance/distance-measures.ts';
import type { ControlFeature } from '../../detectors/control-learners.ts';
import type { ReferenceFeature } from '../../features/reference.ts';
import type { DriftState } from '../drift-state.ts';
import { driftStatus, type FeatureStatus } from '../drift-status.ts';
import type { TrailPoint } from '../alarm/evidence-trail.ts';
import { inputNames } from './input-names.ts';
import type { MonitoringTerms } from '../monitoring-terms.ts';
import { valueOf, type SeriesPart, type WatchedSeries } from '../windows/series.ts';
import type { DriftWindow, FeatureTally } from '../windows/windows.ts';

/** What a feature was over the windows, beside its reference. */
export interface FeatureHistory extends ControlFeature {
  readonly isLatched: boolean;
  /** Of the capital that makes an alarm, now. */
  readonly capitalShare: number;
  readonly of: 'mean' | 'category' | 'missing';
  /** The category whose share it is; null of the others. */
  readonly category: string | null;
  /** Null where nothing says what is usual. */
  readonly reference: ReferenceBand | null;
  /** Where its history begins after that of others, as of outputs since a release; left out where it begins with theirs. */
  readonly historyFromMs?: number | null;
  /** One for each window; null where the window has no value. */
  readonly values: readonly (number | null)[];
}

export interface ReferenceBand {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Evaluated rows with the tolerance; or, without them, what 90% of the forecasts of the own history missed by. */
  readonly from: 'evaluation' | 'history';
}

export interface DriftHistory {
  /** The release whose windows these are now, and the first window of its history. */
  readonly release: number | null;
  readonly historyFromMs: number | null;
  /** When each window ended, in order. */
  readonly atMs: readonly number[];
  /** Worst first. */
  readonly features: readonly FeatureHistory[];
  /** Features that are watched besides. */
  readonly more: number;
  readonly trail: readonly TrailPoint[];
}

/** More would be read by nobody. */
export const historyFeaturesAtMost = 36;
/** Windows of one answer. */
export const historyWindowsAtMost = 160;
/** The end of a series that says where it is now. */
const windowsOfNow = 3;

/** Each window is one of so many, so that an answer has a bounded number of them: a power of 2, so that its points stay. */
export function strideOf(windows: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(windows / historyWindowsAtMost)));
}

/**
 * The history of the features from some of their windows. Worst first: what an alarm named, then what lies outside its band,
 * then what holds the most capital.
 */
export function makeDriftHistory(
  state: DriftState,
  terms: Pick<MonitoringTerms, 'release' | 'rate' | 'reference' | 'tolerance'>,
  windows: readonly DriftWindow[],
): DriftHistory {
  const references = new Map(terms.reference?.summary.features.map((feature) => [feature.name, feature]));
  const inputs = inputNames(state);
  const fromMsOf = (first: number): number | null => windows.find(({ number }) => number >= first)?.fromMs ?? null;
  const histories = driftStatus(state, terms).features.map((feature) => {
    const series = state.series.filter((one) => one.feature === feature.name);
    const history = historyOf(feature, references.get(feature.name), series, terms.tolerance, windows);
    return state.outputs === undefined || inputs.has(feature.name)
      ? history
      : { ...history, historyFromMs: fromMsOf(state.outputs.from) };
  });
  const sorted = histories
    .map((history, order) => ({ history, order, off: offOf(history) }))
    .sort(
      (a, b) =>
        rankOf(b) - rankOf(a) || b.off - a.off || b.history.capitalShare - a.history.capitalShare || a.order - b.order,
    );
  return {
    release: state.release,
    historyFromMs: fromMsOf(state.historyFrom),
    atMs: windows.map(({ toMs }) => toMs),
    features: sorted.slice(0, historyFeaturesAtMost).map(({ history }) => history),
    more: Math.max(0, sorted.length - historyFeaturesAtMost),
    trail: state.trail ?? [],
  };
}

interface Ranked {
  readonly history: FeatureHistory;
  readonly off: number;
}

const rankOf = ({ history, off }: Ranked): number => (history.isLatched ? 2 : off > 1 ? 1 : 0);

function historyOf(
  { name, group, kind, isLatched, capitalShare }: FeatureStatus,
  reference: ReferenceFeature | undefined,
  series: readonly WatchedSeries[],
  tolerance: DistanceTolerance,
  windows: readonly DriftWindow[],
): FeatureHistory {
  const tallies = windows.map((window) => (Object.hasOwn(window.tallies, name) ? window.tallies[name] : undefined));
  const parts: readonly SeriesPart[] = [
    kind === 'numeric' ? { of: 'mean' } : { of: 'category', category: movedCategory(tallies, reference) },
    { of: 'missing' },
  ];
  const [first, missing] = parts.map((part): FeatureHistory => ({
    ...{ name, group, kind, isLatched, capitalShare },
    of: part.of === 'missing' ? 'missing' : part.of === 'mean' ? 'mean' : 'category',
    category: part.of === 'category' ? part.category : null,
    reference: bandOf(part, reference, series, tolerance),
    values: tallies.map((tally) => shortened(valueOf(part, tally))),
  }));
  if (first === undefined || missing === undefined) throw new RangeError('a feature has two parts');
  // What is missing is shown where it moved further than what is there.
  return offOf(missing) > Math.max(1, offOf(first)) ? missing : first;
}

/** How far a series is now from its reference, in halves of its band: above 1 it is outside. 0 where that is not known. */
export function offOf({ reference, values }: Pick<FeatureHistory, 'reference' | 'values'>): number {
  const now = values.slice(-windowsOfNow).filter((value) => value !== null);
  if (reference === null || now.length === 0) return 0;
  const mean = now.reduce((sum, value) => sum + value, 0) / now.length;
  const half = mean > reference.value ? reference.high - reference.value : reference.value - reference.low;
  const off = Math.abs(mean - reference.value);
  return off === 0 ? 0 : off / Math.max(half, 1e-9 * Math.abs(reference.value), Number.MIN_VALUE);
}

/** The category whose share is now furthest from that of the reference; from that of all windows without one. */
function movedCategory(
  tallies: readonly (FeatureTally | undefined)[],
  reference: ReferenceFeature | undefined,
): string {
  const now = sharesOf(tallies.slice(-windowsOfNow));
  const usual = reference?.kind === 'category' ? new Map(Object.entries(reference.shares)) : sharesOf(tallies);
  let [moved, most] = ['', -1];
  for (const category of new Set([...usual.keys(), ...now.keys()])) {
    const by = Math.abs((now.get(category) ?? 0) - (usual.get(category) ?? 0));
    if (category !== '' && by > most) [moved, most] = [category, by];
  }
  return moved;
}

function sharesOf(tallies: readonly (FeatureTally | undefined)[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  let rows = 0;
  for (const tally of tallies) {
    rows += tally?.n ?? 0;
    for (const [category, count] of Object.entries(tally?.counts ?? {})) {
      counts.set(category, (counts.get(category) ?? 0) + count);
    }
  }
  return new Map([...counts].map(([category, count]) => [category, count / Math.max(1, rows)]));
}

function bandOf(
  part: SeriesPart,
  reference: ReferenceFeature | undefined,
  series: readonly WatchedSeries[],
  tolerance: DistanceTolerance,
): ReferenceBand | null {
  const evaluated = reference === undefined ? null : evaluatedBand(part, reference, tolerance);
  return evaluated ?? historyBand(series.find((one) => isSamePart(one.part, part)));
}

function evaluatedBand(
  part: SeriesPart,
  reference: ReferenceFeature,
  tolerance: DistanceTolerance,
): ReferenceBand | null {
  const within = (value: number, half: number): ReferenceBand => ({
    value,
    low: value - half,
    high: value + half,
    from: 'evaluation',
  });
  if (part.of === 'missing') return shareBand(within(reference.missingShare, toleranceOf('missing', tolerance)));
  if (part.of === 'mean' && reference.kind === 'numeric' && reference.numeric !== null) {
    const { mean, sd } = reference.numeric;
    return within(mean, toleranceOf('mean', tolerance) * sd);
  }
  if (part.of !== 'category' || reference.kind !== 'category') return null;
  const share = Object.hasOwn(reference.shares, part.category) ? (reference.shares[part.category] ?? 0) : 0;
  return shareBand(within(share, toleranceOf('shares', tolerance)));
}

function historyBand(series: WatchedSeries | undefined): ReferenceBand | null {
  if (series === undefined || series.bet === null || series.usual === null) return null;
  const { usual, bet, part } = series;
  const at = (share: number): number => bet.errors[Math.round(share * (bet.errors.length - 1))] ?? 0;
  const band = {
    value: usual,
    low: usual + Math.min(0, at(0.05)),
    high: usual + Math.max(0, at(0.95)),
    from: 'history',
  } as const;
  return part.of === 'mean' ? band : shareBand(band);
}

const shareBand = (band: ReferenceBand): ReferenceBand => ({
  ...band,
  low: Math.max(0, band.low),
  high: Math.min(1, band.high),
});

const isSamePart = (a: SeriesPart, b: SeriesPart): boolean =>
  a.of === b.of && (a.of !== 'category' || b.of !== 'category' || a.category === b.category);

const shortened = (value: number | null): number | null =>
  value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(5));
