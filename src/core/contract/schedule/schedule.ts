/** Demand that only people know of, such as a launch on Friday at nine. At least one of `ratePerSecond` and `replicas` is there. */
export interface ScheduleEntry {
  readonly when: ScheduledOnce | ScheduledWeekly;
  /** IANA name of the zone whose clock `when` is read from. */
  readonly zone: string;
  /** Requests a second that are expected meanwhile. */
  readonly ratePerSecond?: number;
  /** Replicas that are ready meanwhile, at the least. */
  readonly replicas?: number;
}

/** Times of the zone's clock, in milliseconds since 1970-01-01T00:00 of that clock. */
export interface ScheduledOnce {
  readonly kind: 'once';
  readonly fromLocalMs: number;
  readonly untilLocalMs: number;
}

/** Minutes of the clock since midnight. `untilMinute` is above 1,440 where it lies on the next day. */
export interface ScheduledWeekly {
  readonly kind: 'weekly';
  /** 0 is Monday; sorted, each once. */
  readonly weekdays: readonly number[];
  readonly fromMinute: number;
  readonly untilMinute: number;
}

export const defaultZone = 'UTC';
