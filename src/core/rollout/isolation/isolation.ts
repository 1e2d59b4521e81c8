import type { ObservedReplica } from '../replica.ts';

/**
 * A replica that is kept from traffic for diagnosis. It runs on, and counts as no capacity.
 *
 * | stage | traffic | what follows |
 * |---|---|---|
 * | waiting | as before: it is the last one that serves | isolated, once another one serves |
 * | isolated | none | returning, leaving, or the end of its process |
 * | returning | none | back in traffic, once it reproduces its golden set again |
 * | leaving | none | it is drained and stopped |
 */
export type IsolationStage = 'waiting' | 'isolated' | 'returning' | 'leaving';

export interface Isolation {
  readonly replicaId: string;
  readonly stage: IsolationStage;
  readonly reason: string;
  readonly by: string;
  readonly askedAtMs: number;
  /** When it left traffic; null while it waits. */
  readonly sinceMs: number | null;
  /** From then on it is stopped. */
  readonly untilMs: number;
}

/** For so long a replica is kept, where nobody says how long. */
export const isolatedForMs = 24 * 3_600_000;

interface WithIsolations {
  readonly isolations: readonly Isolation[];
}

export function isolationOf({ isolations }: WithIsolations, replicaId: string): Isolation | null {
  return isolations.find((isolation) => isolation.replicaId === replicaId) ?? null;
}

/** Whether it gets no traffic. */
export function isOutOfTraffic(state: WithIsolations, { replicaId }: Pick<ObservedReplica, 'replicaId'>): boolean {
  const isolation = isolationOf(state, replicaId);
  return isolation !== null && isolation.stage !== 'waiting';
}

/** Whether it runs beside the number of replicas that its set is to have: a spare is started in its place. */
export function isKeptBeside(state: WithIsolations, { replicaId }: Pick<ObservedReplica, 'replicaId'>): boolean {
  const isolation = isolationOf(state, replicaId);
  return isolation !== null && isolation.stage !== 'leaving';
}

/** `isolated since ...` in one word, for tables. */
export function stageWord(stage: IsolationStage): string {
  return stage === 'waiting' ? 'to be isolated' : stage;
}
