import type { EngineSignals } from '../../core/scaling/engine-metrics/engine-signals.ts';
import type { EngineFold } from '../../core/scaling/engine-metrics/fold-replicas.ts';
import type { MetricsAnswer } from '../../ports/serving/metrics-source.ts';

/** One replica as it was told of: what its signals are, or why there are none. */
export interface ToldReplica {
  readonly replicaId: string;
  readonly signals: EngineSignals | null;
  readonly failed: Extract<MetricsAnswer, { readonly kind: 'failed' }> | null;
}

export interface SignalsReport {
  readonly atMs: number;
  readonly overMs: number;
  readonly replicas: readonly ToldReplica[];
  readonly together: EngineFold;
  readonly warnings: readonly string[];
}
