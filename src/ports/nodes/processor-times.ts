/** Reads how much processor time replicas have used on this machine. */
export interface ProcessorTimes {
  /**
   * Returns milliseconds of one core since the start of each replica, all of its processes together, by the pid of its first
   * process. One that is gone, or cannot be read, is missing. Never rejects.
   */
  read(pids: readonly number[]): Promise<ReadonlyMap<number, number>>;
}
