/** Replicas that a service ordered at one moment beyond those that it had. */
export interface StartOrder {
  /** Unique in the pool. */
  readonly service: string;
  /** Milliseconds; only differences mean anything. */
  readonly atMs: number;
  /** 1 or more. */
  readonly starts: number;
}

/** Time over which orders were recorded, milliseconds. */
export interface RecordedTime {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A decision of scaling, as it is recorded. */
export interface CountedDecision {
  readonly atMs: number;
  /** Replicas that were ordered before. */
  readonly before: number;
  readonly desired: number;
}

/** Returns the steps up among the decisions of a service: each replica beyond those before is one start. */
export function readStartOrders(service: string, decisions: readonly CountedDecision[]): readonly StartOrder[] {
  return decisions
    .filter(({ before, desired }) => desired > before)
    .map(({ atMs, before, desired }) => ({ service, atMs, starts: desired - before }));
}

/** Returns how many starts the orders are. */
export const countStarts = (orders: readonly StartOrder[]): number =>
  orders.reduce((sum, { starts }) => sum + starts, 0);
