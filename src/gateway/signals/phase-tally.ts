/** When a request that was sent once passed each mark, by the clock that never steps. */
export interface RequestMarks {
  readonly arrivedMs: number;
  /** Its body was there, and it asked for a replica. */
  readonly placedMs: number;
  /** A replica was chosen. */
  readonly sentMs: number;
  /** It began to leave on a connection. */
  readonly begunMs: number;
  /** Its answer began. */
  readonly answeredMs: number;
  readonly endedMs: number;
}

/** Sums of where the time of answered requests went; counters since the start. Adding one costs a few additions. */
export class PhaseTally {
  requests = 0;
  totalMs = 0;
  admissionMs = 0;
  queueMs = 0;
  connectMs = 0;
  /** Between the request leaving and its answer beginning: the way there and back, and all that the replica does. */
  replicaMs = 0;
  answerMs = 0;

  add(marks: RequestMarks): void {
    this.requests += 1;
    this.totalMs += marks.endedMs - marks.arrivedMs;
    this.admissionMs += marks.placedMs - marks.arrivedMs;
    this.queueMs += marks.sentMs - marks.placedMs;
    this.connectMs += marks.begunMs - marks.sentMs;
    this.replicaMs += marks.answeredMs - marks.begunMs;
    this.answerMs += marks.endedMs - marks.answeredMs;
  }
}
