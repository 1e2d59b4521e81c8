import { LatencyHistogram } from './latency-histogram.ts';

/** What one release did in this gateway, since its start. */
export class ReleaseSignals {
  readonly release: number;
  readonly modelVersion: number;
  requests = 0;
  /** 5xx of its replicas, broken connections and missed deadlines. */
  errors = 0;
  inFlight = 0;
  readonly latency = new LatencyHistogram();
  /** Of streamed answers, from arrival to their first bytes; null before the first. */
  ttft: LatencyHistogram | null = null;
  /** Since the last report; the report clears it. */
  readonly sinceReport = new LatencyHistogram();

  constructor(release: number, modelVersion: number) {
    this.release = release;
    this.modelVersion = modelVersion;
  }

  /** A request that ended here without an answer. */
  failed(): void {
    this.requests += 1;
    this.errors += 1;
  }

  recordFirstBytes(ttftMs: number): void {
    this.ttft ??= new LatencyHistogram();
    this.ttft.record(ttftMs);
  }

  recordLatency(latencyMs: number): void {
    this.latency.record(latencyMs);
    this.sinceReport.record(latencyMs);
  }
}
