/** One replica on a node, and the indices of the devices that it holds. */
export interface HeldReplica {
  /** Index of its class in the task. */
  readonly replica: number;
  readonly devices: readonly number[];
}

/** What one node holds: each replica with its devices, and the same by class. */
export interface Filling {
  readonly held: readonly HeldReplica[];
  /** Classes that the node holds, ascending, and how many replicas of each. */
  readonly classes: readonly number[];
  readonly counts: readonly number[];
}

/** Returns the filling of a list of held replicas. */
export function makeFilling(held: readonly HeldReplica[]): Filling {
  const counts = new Map<number, number>();
  for (const { replica } of held) counts.set(replica, (counts.get(replica) ?? 0) + 1);
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return { held, classes: sorted.map(([replica]) => replica), counts: sorted.map(([, count]) => count) };
}

/** Returns text that is equal for fillings with equal counts. */
export function keyOfFilling({ classes, counts }: Filling): string {
  return `${classes.join()}:${counts.join()}`;
}

/** Returns what the filling adds up to in a list of worths by class. */
export function sumFilling({ classes, counts }: Filling, worths: readonly number[]): number {
  return classes.reduce((sum, replica, at) => sum + (counts[at] ?? 0) * (worths[replica] ?? 0), 0);
}
