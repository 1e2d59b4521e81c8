import { metricNamesOf } from '../../core/scaling/engine-metrics/engine-table.ts';
import type { MetricsAnswer, MetricsFault, MetricsSource } from '../../ports/serving/metrics-source.ts';
import type { FakeClock } from './fake-clock.ts';
import { readingOf } from '../builders/files/engine-expositions.ts';

/** A source of metrics in memory: what each replica exports, or how it fails. */
export class FakeMetricsSource implements MetricsSource {
  readonly #clock: Pick<FakeClock, 'nowMs'>;
  readonly #shown = new Map<string, { readonly exposition: string } | { readonly fault: MetricsFault }>();
  closed = false;

  constructor(clock: Pick<FakeClock, 'nowMs'>) {
    this.#clock = clock;
  }

  show(endpoint: string, what: { readonly exposition: string } | { readonly fault: MetricsFault }): void {
    this.#shown.set(endpoint, what);
  }

  async read(...[targets, signal]: Parameters<MetricsSource['read']>): Promise<readonly MetricsAnswer[]> {
    signal.throwIfAborted();
    const known = new Set(metricNamesOf(null));
    return targets.map(({ replicaId, endpoint }): MetricsAnswer => {
      const shown = endpoint === null ? undefined : this.#shown.get(endpoint);
      if (shown === undefined || 'fault' in shown) {
        const fault = shown?.fault ?? 'unreachable';
        return { kind: 'failed', fault, message: `${replicaId} is ${fault}`, next: 'plimsoll status' };
      }
      const { samples, readAtMs } = readingOf(shown.exposition, this.#clock.nowMs());
      return {
        kind: 'read',
        reading: { readAtMs, samples: samples.filter(({ name }) => known.has(name)) },
        warnings: [],
      };
    });
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}
