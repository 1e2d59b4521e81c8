import type { Isolation } from '../../core/rollout/isolation/isolation.ts';

export interface IsolationReader {
  /** Replicas that are kept from traffic for diagnosis, oldest first. */
  isolations(service: string, environment: string): Promise<readonly Isolation[]>;
}

export interface IsolationWriter {
  /** Takes the place of all that stood of this service and environment. */
  setIsolations(service: string, environment: string, isolations: readonly Isolation[]): Promise<void>;
}
