import { addRows, beginDistance, restartPeriods } from '../../distance/distance.ts';
import { draftDistance } from '../../distance/distance-state.ts';
import { distancesOf, exceedingOf, type FeatureDistance } from '../../distance/tell-distances.ts';
import { learnSliceDistances, readSliceDistances, shareOfRows } from '../../slices/slice-distance.ts';
import type { Slice } from '../../slices/slice-state.ts';
import { draftOf, type Drafts } from '../drafts.ts';
import type { DriftState, LeftReference, WatchedRow } from '../drift-state.ts';
import type { MonitoringTerms } from '../monitoring-terms.ts';

type Terms = Pick<MonitoringTerms, 'reference' | 'tolerance' | 'release'>;

/**
 * The state after rows of the live release were held against its reference. Another reference begins anew. Rows of one batch
 * share `drafts`, as in `observeRow`.
 */
export function learnDistance(
  state: DriftState,
  rows: readonly WatchedRow[],
  { reference, release }: Terms,
  nowMs: number,
  drafts: Drafts = new WeakSet(),
): DriftState {
  if (reference === null) return state.distance === null ? state : { ...state, distance: null, left: null };
  const { digest, summary } = reference;
  const standing = state.distance?.of === digest ? state.distance : null;
  const distance = standing ?? { of: digest, state: beginDistance(summary), told: false };
  const live = rows.filter((row) => row.release === release);
  const left = standing === null ? null : (state.left ?? null);
  const slices = learnSliceDistances(distance.slices ?? [], state.slices, live, summary, nowMs, drafts);
  const learned = draftOf(drafts, distance.state, draftDistance);
  addRows(learned, summary, live, nowMs, shareOfRows(state.slices));
  return { ...state, left, distance: { ...distance, state: learned, ...(slices.length === 0 ? {} : { slices }) } };
}

/** After an alarm: rows from before the change say nothing of now. */
export function restartDistance(state: DriftState): DriftState {
  const { distance } = state;
  if (distance === null) return state;
  const slices = distance.slices?.map(({ name, state: of }) => ({ name, state: restartPeriods(of) }));
  const restarted = { ...distance, state: restartPeriods(distance.state), ...(slices === undefined ? {} : { slices }) };
  return { ...state, distance: restarted };
}

/** Told as soon as a lower limit is beyond the tolerance, and again where live data was within it in between. */
export function findLeftReference(
  state: DriftState,
  terms: Terms,
  nowMs: number,
): { readonly state: DriftState; readonly left: LeftReference | null } {
  const { distance } = state;
  if (distance === null) return { state, left: null };
  const exceeding = exceedingOf(readAllDistances(state, terms), terms.tolerance);
  if (exceeding.length === 0 || distance.told) {
    const standing = state.left ?? null;
    const told = distance.told && (exceeding.length > 0 || standing !== null);
    const left = standing === null ? {} : { left: addFeatures(standing, exceeding, terms.release) };
    return { state: { ...state, distance: { ...distance, told }, ...left }, left: null };
  }
  const left = describeLeft(exceeding, terms.release, nowMs);
  return { state: { ...state, distance: { ...distance, told: true }, left }, left };
}

function describeLeft(exceeding: readonly Known[], release: number, nowMs: number): LeftReference {
  const changes = exceeding.flatMap(({ changedAfterMs }) => changedAfterMs ?? []);
  return {
    atMs: nowMs,
    release,
    reason: `live data left what was evaluated: ${exceeding.slice(0, 5).map(describeDistance).join(', ')}`,
    features: namesOf(exceeding),
    sinceMs: Math.min(...(changes.length > 0 ? changes : exceeding.map(({ sinceMs }) => sinceMs))),
    isChange: changes.length > 0,
  };
}

const namesOf = (exceeding: readonly Known[]): readonly string[] => [...new Set(exceeding.map(({ name }) => name))];

/**
 * One change reaches the limits of some features earlier than of others: those that come later are named too, and nobody is
 * told anew. Where one of them shows from when on, and that was before it was told, it holds for all. A later change is another.
 */
function addFeatures(standing: LeftReference, exceeding: readonly Known[], release: number): LeftReference {
  const features = [...new Set([...standing.features, ...namesOf(exceeding)])];
  if (features.length === standing.features.length) return standing;
  const { reason, sinceMs, isChange } = describeLeft(exceeding, release, standing.atMs);
  const isSame = !standing.isChange && isChange && sinceMs <= standing.atMs;
  return { ...standing, features, reason, ...(isSame ? { sinceMs, isChange } : {}) };
}

/** The state after somebody said that it is known: it is told again once live data was within the tolerance. */
export const acknowledgeLeft = (state: DriftState): DriftState => ({ ...state, left: null });

export function readDistances({ distance }: DriftState, { reference, tolerance }: Terms): readonly FeatureDistance[] {
  if (reference === null || distance?.of !== reference.digest) return [];
  return distancesOf(distance.state, reference.summary, tolerance);
}

/** Of each slice; null where the reference has no rows of it. */
export function readDistancesOfSlices(
  { distance, slices }: DriftState,
  { reference, tolerance }: Terms,
): ReadonlyMap<Slice, readonly FeatureDistance[] | null> {
  if (reference === null || distance?.of !== reference.digest) return new Map();
  return readSliceDistances(distance.slices ?? [], slices, reference.summary, tolerance);
}

/** Of all rows, and of each slice as far as the reference has it. */
export const readAllDistances = (state: DriftState, terms: Terms): readonly FeatureDistance[] => [
  ...readDistances(state, terms),
  ...[...readDistancesOfSlices(state, terms).values()].flatMap((each) => each ?? []),
];

type Known = FeatureDistance & { readonly state: 'known' };

/** `amount, mean 1.9 sd up`, `class, 25% of rows in other categories`; the estimate, not the limit. */
export function describeDistance({ name, measure, estimate }: Known): string {
  const share = `${Math.round(Math.abs(estimate) * 100)}%`;
  if (measure === 'mean') return `${name}, mean ${Math.abs(estimate).toFixed(1)} sd ${estimate > 0 ? 'up' : 'down'}`;
  if (measure === 'missing') return `${name}, ${share} ${estimate > 0 ? 'more' : 'less'} missing`;
  return measure === 'shares' ? `${name}, ${share} of rows in other categories` : `${name}, ${share} of rows changed`;
}
