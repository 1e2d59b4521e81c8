import { controlPlaneSteps } from '../../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { explainSeries, type ExplainedSeries } from '../../../core/monitoring/explain/explain-series.ts';
import { listSlices } from '../../../core/monitoring/slices/slice-state.ts';
import type { DriftState } from '../../../core/monitoring/watch/drift-state.ts';
import type { WatchedSeries } from '../../../core/monitoring/watch/windows/series.ts';
import type { WindowHistory } from '../../../core/monitoring/watch/windows/window-history.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import {
  explainedWindowsAtMost,
  type ExplainDriftAnswer,
  type ExplainDriftRequest,
} from '../../../schemas/http/monitoring/http-explain.ts';
import type { OperationsSource } from '../operations-source.ts';

/**
 * How the evidence of the series came about that a name means: a feature, a group, a slice or a series. Without a name all series are
 * replayed, and the one with the most capital is shown.
 *
 * @throws PlimsollError `no-such-series` (not-found).
 */
export async function explainDrift(
  { store }: Pick<OperationsSource, 'store'>,
  { service, environment, name, last = explainedWindowsAtMost }: ExplainDriftRequest,
): Promise<ExplainDriftAnswer> {
  const record = await store.driftRecord(service, environment);
  const histories = record === null ? [] : listHistories(record.state);
  if (record === null || histories.every(({ history }) => history.series.length === 0)) {
    const because =
      record === null ? 'no request was captured yet' : 'no series is chosen yet: the history is too short';
    return { series: [], replayed: 0, differences: [], because };
  }
  const { state } = record;
  const isAsked = ({ id, feature, group }: WatchedSeries): boolean =>
    name === undefined || [id, feature, group, group.replace(/^@ /, '')].includes(name);
  const explained: ExplainedSeries[] = [];
  for (const { history, slot } of histories) {
    const asked = history.series.filter(isAsked);
    if (asked.length === 0) continue;
    const from = (history.replay?.window ?? history.windows) + 1;
    const windows = await store.driftWindows(service, environment, from, slot);
    explained.push(...asked.map((one) => explainSeries(state, one, windows, history)));
  }
  const features = histories.flatMap(({ history }) => history.series.map(({ feature }) => feature));
  if (explained.length === 0) throw noSuchSeries(name ?? '', [...new Set(features)]);
  const shown = name === undefined ? explained.toSorted((a, b) => b.capital - a.capital).slice(0, 1) : explained;
  const differing = explained.filter(({ difference }) => difference !== null);
  return {
    series: shown.map((one): ExplainedSeries => ({
      ...one,
      windows: one.windows.slice(-Math.min(last, explainedWindowsAtMost)),
    })),
    replayed: explained.filter(({ verdict }) => verdict !== 'unknown').length,
    differences: differing.map(({ id, difference }) => ({ id, difference: difference ?? '' })),
    because: null,
  };
}

/** The history of all rows, and that of each slice with its slot. */
const listHistories = (state: DriftState): readonly { readonly history: WindowHistory; readonly slot?: number }[] => [
  { history: state },
  ...listSlices(state.slices).map((slice) => ({ history: slice, slot: slice.slot })),
];

function noSuchSeries(name: string, features: readonly string[]): PlimsollError {
  const shown = features.slice(0, 20).join(', ');
  return new PlimsollError({
    code: 'no-such-series',
    category: 'not-found',
    message: `no feature, group or series is named \`${name}\`; features are: ${shown}${features.length > 20 ? ' and more' : ''}`,
    next: nextStep(controlPlaneSteps, 'no-such-series'),
    details: { features },
  });
}
