import { explainSeries, type ExplainedSeries } from '../../core/monitoring/explain/explain-series.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import {
  explainedWindowsAtMost,
  type ExplainDriftAnswer,
  type ExplainDriftRequest,
} from '../../schemas/http/http-explain.ts';
import type { OperationsSource } from './operations-source.ts';

/**
 * How the evidence of the series came about that a name means: a feature, a group or a series. Without a name all series are
 * replayed, and the one with the most capital is shown.
 *
 * @throws PlimsollError `no-such-series` (not-found).
 */
export async function explainDrift(
  { store }: OperationsSource,
  { service, environment, name, last = explainedWindowsAtMost }: ExplainDriftRequest,
): Promise<ExplainDriftAnswer> {
  const record = await store.driftRecord(service, environment);
  if (record === null || record.state.series.length === 0) {
    const because =
      record === null ? 'no request was captured yet' : 'no series is chosen yet: the history is too short';
    return { series: [], replayed: 0, differences: [], because };
  }
  const { state } = record;
  const asked = state.series.filter(
    ({ id, feature, group }) => name === undefined || [id, feature, group].includes(name),
  );
  if (asked.length === 0) throw noSuchSeries(name ?? '', [...new Set(state.series.map(({ feature }) => feature))]);
  const windows = await store.driftWindows(service, environment, (state.replay?.window ?? state.windows) + 1);
  const explained = asked.map((one) => explainSeries(state, one, windows));
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

function noSuchSeries(name: string, features: readonly string[]): PlimsollError {
  const shown = features.slice(0, 20).join(', ');
  return new PlimsollError({
    code: 'no-such-series',
    category: 'not-found',
    message: `no feature, group or series is named \`${name}\`; features are: ${shown}${features.length > 20 ? ' and more' : ''}`,
    next: 'plimsoll drift explain',
    details: { features },
  });
}
