/** What a service asked of spares with its last decision. */
export interface SpareClaim {
  /** Unique in the environment. */
  readonly service: string;
  /** Replicas that it did not order, because a spare is promised for each. */
  readonly left: number;
  /** Starts that it ordered, and that no look at the spares has seen yet: each may take one. */
  readonly ordered: number;
}

/**
 * Returns how many free spares a service may count on. A spare that another service left a replica to is promised to that one, and a start that
 * is on its way may take one. So each spare is promised to one service at the most, in the order in which services ask.
 *
 * Worked: 3 are free; `a` left 1 replica to them, `b` has just ordered 1 start: `a` may count on 2, `b` and `c` on 1.
 *
 * @param free as they were last seen
 */
export function countPromised(free: number, claims: readonly SpareClaim[], service: string): number {
  const held = claims.reduce((sum, each) => sum + each.ordered + (each.service === service ? 0 : each.left), 0);
  return Math.max(0, free - held);
}

/**
 * Returns how many free spares the start of a replica of a service may take: all that are not promised to others. A service that was promised
 * none has ordered by the start without one.
 */
export const countTakeable = (free: number, left: Readonly<Record<string, number>>, service: string): number =>
  countPromised(
    free,
    Object.entries(left).map(([name, count]) => ({ service: name, left: count, ordered: 0 })),
    service,
  );
