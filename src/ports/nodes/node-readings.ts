import type { NodeSnapshot, WatchedProcess } from '../../core/diagnosis/readings/node-snapshot.ts';

/** Reads counters of the node that it runs on, for a diagnosis. Only ever reads. */
export interface NodeReadings {
  /**
   * One look. Processes that a watched one started count as it does.
   * @param devices UUIDs of the accelerators to look at; null: all of the node.
   * Never rejects for what cannot be read: that is unknown, with its reason. Rejects with the signal's reason.
   */
  read(
    processes: readonly WatchedProcess[],
    devices: readonly string[] | null,
    signal: AbortSignal,
  ): Promise<NodeSnapshot>;
}
