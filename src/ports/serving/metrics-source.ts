import type { MetricsReading } from '../../core/scaling/engine-metrics/reading.ts';

/** One replica whose metrics are asked for. */
export interface MetricsTarget {
  readonly replicaId: string;
  /** Its address; null where it has none, which a source that scrapes finds unreachable. */
  readonly endpoint: string | null;
}

/**
 * Why metrics could not be had.
 *
 * | fault | means |
 * |---|---|
 * | unreachable | no connection, a cut one, or an answer with a status that is no answer |
 * | hung | it did not end in time |
 * | too-large | more bytes, lines or series than the bound |
 * | garbage | what came is no metrics |
 * | refused | it wants credentials, or finds the question wrong |
 */
export type MetricsFault = 'unreachable' | 'hung' | 'too-large' | 'garbage' | 'refused';

export type MetricsAnswer =
  | { readonly kind: 'read'; readonly reading: MetricsReading; readonly warnings: readonly string[] }
  | { readonly kind: 'failed'; readonly fault: MetricsFault; readonly message: string; readonly next: string };

/** Where the metrics of replicas come from: their own endpoints, or a server that has scraped them. */
export interface MetricsSource {
  /**
   * One answer for each target, in their order. A target that fails costs no other its answer, and nothing takes longer than
   * the bound of the source. Only known metrics of engines are in a reading. Rejects with the signal's reason, and for
   * nothing else.
   */
  read(targets: readonly MetricsTarget[], signal: AbortSignal): Promise<readonly MetricsAnswer[]>;
  /**
   * The newest samples of some metrics of devices, as a DCGM exporter tells them, whatever replicas there are. Left out where no
   * server is asked. Rejects as `read`.
   * @param names of metrics, without wildcards.
   */
  readDevices?(names: readonly string[], signal: AbortSignal): Promise<MetricsAnswer>;
  close(): Promise<void>;
}
