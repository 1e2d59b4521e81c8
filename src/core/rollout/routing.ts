import type { Protocol } from '../contract/contract.ts';

/** One numbered generation of where requests go. Gateways acknowledge each and serve on with their last one. */
export interface RoutingTable {
  readonly service: string;
  readonly environment: string;
  /** Increases by at least 1 with each change; a gateway never goes back to a lower one. */
  readonly generation: number;
  readonly protocol: Protocol;
  /** Name that the model has in the protocol's paths. */
  readonly model: string;
  /** Shares sum to 1 when there is any split. */
  readonly splits: readonly RoutingSplit[];
  /** True while a replica is on its way: a gateway without a ready replica then holds requests until their deadline. */
  readonly starting: boolean;
  readonly issuedAtMs: number;
}

export interface RoutingSplit {
  readonly release: number;
  /** Model version of that release: for metrics and the page. */
  readonly modelVersion: number;
  readonly share: number;
  readonly replicas: readonly RoutedReplica[];
}

export interface RoutedReplica {
  readonly replicaId: string;
  /** `http://127.0.0.1:4711`, without a path. */
  readonly endpoint: string;
}
