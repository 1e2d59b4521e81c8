import type { Reading } from '../readings/reading.ts';
import type { GatewayPhase, ServerPhase } from './request-phase.ts';

/** Counters of a service at one moment. All of them only grow. */
export interface ServiceSnapshot {
  /** By a clock that never steps. */
  readonly atMs: number;
  /** Null where requests go straight to the replica. */
  readonly gateways: readonly GatewayCounters[] | null;
  readonly servers: readonly ServerCounters[];
}

export interface GatewayCounters {
  readonly gatewayId: string;
  /** Requests that a replica answered whole. */
  readonly requests: Reading;
  /** Sum over these requests of the time from arrival to the end of the answer. */
  readonly totalMs: Reading;
  readonly phasesMs: Readonly<Record<GatewayPhase, Reading>>;
  /** Sum of the time between the request leaving and its answer beginning: `transfer` and all phases of the server. */
  readonly replicaMs: Reading;
}

export interface ServerCounters {
  readonly replicaId: string;
  readonly requests: Reading;
  /** Sums over these requests. A request counts all of the run of its batch. */
  readonly phasesMs: Readonly<Record<ServerPhase, Reading>>;
  /** Sum over batches of the time that the engine computed. */
  readonly engineMs: Reading;
  readonly batches: Reading;
  readonly rows: Reading;
  /** Rows of the largest batch that is formed. */
  readonly rowsAtMost: Reading;
}
