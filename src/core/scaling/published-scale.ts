/** What another autoscaler is told about one service: how many replicas it should have, and whether it is used at all. */
export interface PublishedScale {
  readonly service: string;
  readonly environment: string;
  readonly desired: number;
  /** Replicas now (ready, starting and pending); null where it is not known. */
  readonly current: number | null;
  /** When it was decided, milliseconds since 1970. */
  readonly decidedAtMs: number;
}

/** The one metric that is published: replicas, with an average value of 1 a replica. */
export const publishedMetric = 'plimsoll-desired-replicas';
export const publishedTarget = 1;
