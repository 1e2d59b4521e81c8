import { seriesKey, type MetricSample } from '../../core/scaling/engine-metrics/reading.ts';
import { prometheusAnswer } from '../../schemas/prometheus-query.ts';
import { numberOf } from '../prometheus-text/line-cursor.ts';

export type QueryAnswer =
  | { readonly kind: 'samples'; readonly samples: readonly MetricSample[]; readonly warnings: readonly string[] }
  | { readonly kind: 'error'; readonly errorType: string; readonly error: string }
  | { readonly kind: 'garbage'; readonly message: string };

/**
 * The answer of `/api/v1/query`, of a vector or of a matrix, of which the newest point of each series is taken: that of a
 * vector has the time of the question, and only that of a range (`metric[1m]`) the time at which it was scraped.
 */
export function readQueryAnswer(json: unknown): QueryAnswer {
  const parsed = prometheusAnswer.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { kind: 'garbage', message: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'no answer'}` };
  }
  const answer = parsed.data;
  if (answer.status === 'error') {
    return { kind: 'error', errorType: answer.errorType, error: answer.error.slice(0, 500) };
  }
  const { data, warnings = [], infos = [] } = answer;
  const samples: MetricSample[] = [];
  for (const series of data.result) {
    const [seconds, text] = 'value' in series ? series.value : (series.values.at(-1) ?? [NaN, '']);
    const value = numberOf(text);
    if (value === null || !Number.isFinite(seconds)) {
      return { kind: 'garbage', message: `a value of \`${text}\` at ${seconds}` };
    }
    samples.push({ ...identityOf(series.metric), value, atMs: Math.round(seconds * 1_000) });
  }
  return { kind: 'samples', samples, warnings: [...warnings, ...infos].map((warning) => warning.slice(0, 500)) };
}

function identityOf(metric: Readonly<Record<string, string>>): Pick<MetricSample, 'name' | 'labels'> {
  const labels = Object.entries(metric).filter(([label]) => label !== '__name__');
  return { name: metric['__name__'] ?? '', labels: labels.sort(([one], [other]) => (one < other ? -1 : 1)) };
}

/** Those of the samples whose series is among the others. */
export function samplesAlsoIn(
  samples: readonly MetricSample[],
  others: readonly MetricSample[],
): readonly MetricSample[] {
  const keys = new Set(others.map(seriesKey));
  return samples.filter((sample) => keys.has(seriesKey(sample)));
}
