import { seriesKey, type MetricsReading } from '../../scaling/engine-metrics/reading.ts';

/** Counters of work: tokens, batches, steps, inferences. Requests of HTTP are none, because health checks move them. */
const ofWork = /token|batch|step|iteration|infer|request_success|prefill|decode/i;
const isCounter = /(?:_total|_count|_sum|_success)$/;
const ofProcess = /cpu|process_|http|python_|memory|created$/i;

/**
 * Returns the counters of work of an engine as one text that is another one whenever one of them moved; null where it tells none.
 * Processor time is no progress: an engine that waits for its device burns it.
 */
export function tellWorkCounters({ samples }: MetricsReading): string | null {
  const counters = samples.filter(({ name }) => ofWork.test(name) && isCounter.test(name) && !ofProcess.test(name));
  if (counters.length === 0) return null;
  return counters
    .map((sample) => `${seriesKey(sample)} ${sample.value}`)
    .sort()
    .join('\n')
    .slice(0, 64 * 1024);
}
