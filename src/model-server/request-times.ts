/** When a request that was answered passed each mark, by the clock that never steps. */
export interface ServedMarks {
  readonly beganMs: number;
  /** Its body was read. */
  readonly receivedMs: number;
  /** Its tensors were made. */
  readonly parsedMs: number;
  /** Its batch began. */
  readonly batchedMs: number;
  /** The engine had answered. */
  readonly ranMs: number;
  /** Its answer was written. */
  readonly endedMs: number;
}

/** Sums of where the time of answered requests went; counters since the start. Adding one costs a few additions. */
export class RequestTimes {
  requests = 0;
  engineMs = 0;
  readonly phasesMs = { receive: 0, preprocess: 0, 'batch-wait': 0, run: 0, encode: 0 };

  add(marks: ServedMarks): void {
    this.requests += 1;
    this.phasesMs.receive += marks.receivedMs - marks.beganMs;
    this.phasesMs.preprocess += marks.parsedMs - marks.receivedMs;
    this.phasesMs['batch-wait'] += marks.batchedMs - marks.parsedMs;
    this.phasesMs.run += marks.ranMs - marks.batchedMs;
    this.phasesMs.encode += marks.endedMs - marks.ranMs;
  }
}
