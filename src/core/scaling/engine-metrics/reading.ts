/** One sample of one series, as an exposition or a query gives it. */
export interface MetricSample {
  readonly name: string;
  /** Sorted by label name; `le` and `quantile` among them. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** May be NaN or infinite: what that means is for whoever reads the metric. */
  readonly value: number;
  /** When the sample was taken, milliseconds since 1970; null where only the reading has a time. */
  readonly atMs: number | null;
}

/** All samples that one look at one replica gave. */
export interface MetricsReading {
  readonly readAtMs: number;
  readonly samples: readonly MetricSample[];
}

export const labelOf = (sample: MetricSample, label: string): string | null =>
  sample.labels.find(([name]) => name === label)?.[1] ?? null;

/** Tells a series from every other; no two label sets share one, because JSON quotes what is foreign in them. */
export const seriesKey = ({ name, labels }: Pick<MetricSample, 'name' | 'labels'>): string =>
  JSON.stringify([name, labels]);

/**
 * One reading as several, by the value of a label: what a query over many replicas gives. Samples without the label are
 * of the replica ''.
 */
export function splitReading(reading: MetricsReading, label: string): ReadonlyMap<string, MetricsReading> {
  const parts = new Map<string, MetricSample[]>();
  for (const sample of reading.samples) {
    const key = labelOf(sample, label) ?? '';
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [sample]);
    else part.push(sample);
  }
  return new Map([...parts].map(([key, samples]) => [key, { readAtMs: reading.readAtMs, samples }]));
}
