import type { GoldenTensor } from '../core/monitoring/golden.ts';
import type { TensorSpec } from '../core/units/tensor.ts';

/** Speaks a service's own protocol to one replica, whatever server stands behind it. Every call is bounded in time. */
export interface ReplicaClient {
  ready(endpoint: string, model: string, signal: AbortSignal): Promise<boolean>;
  metadata(
    endpoint: string,
    model: string,
    signal: AbortSignal,
  ): Promise<{ inputs: readonly TensorSpec[]; outputs: readonly TensorSpec[] }>;
  /** @throws PlimsollError `replica-unreachable` (unavailable), `replica-refused` (refused) with the server's words. */
  infer(
    endpoint: string,
    model: string,
    inputs: readonly GoldenTensor[],
    signal: AbortSignal,
  ): Promise<readonly GoldenTensor[]>;
}
