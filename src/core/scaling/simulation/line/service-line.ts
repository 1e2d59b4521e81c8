/** Takes note of a request that is over. */
export type RequestEnded = (arrivedAtMs: number, takenAtMs: number) => void;

/** The requests that one replica holds, and how it serves them: a `ServiceCurve` at work. */
export interface ServiceLine {
  /** Requests that it holds, those of a batch that has not begun included. */
  held: number;
  /** Those of them that it does not work on yet. */
  forming: number;
  /** When the oldest of those was taken; Infinity for none. */
  formingSinceMs: number;
  /** When something happens next by itself, milliseconds; Infinity for never. */
  dueMs: number;
  /** Whether it has room for one more request now. */
  hasRoom(): boolean;
  /** Takes one; only when it has room. `settle` must follow when no more are coming at this moment. */
  take(nowMs: number, arrivedAtMs: number, workMs: number): void;
  settle(nowMs: number): void;
  /** What was due happens; each request that it ended is told. */
  proceed(nowMs: number, ended: RequestEnded): void;
  /** No more will come: a batch that waits for more begins. */
  close(nowMs: number): void;
  /** Everything that it holds is lost, and told. */
  abandon(lost: RequestEnded): void;
}

/** Batches that replicas began, summed over all of them. */
export interface BatchTally {
  batches: number;
  requests: number;
}
