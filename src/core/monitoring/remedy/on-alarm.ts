/** What the watch does by itself, of what triage proved. */
export const alarmActions = ['notify', 'isolate', 'roll-back'] as const;
export type AlarmAction = (typeof alarmActions)[number];

/** `monitoring.onAlarm` of the contract. */
export interface OnAlarm {
  readonly action: AlarmAction;
  /** It acts at most once in such a time, whatever alarms. */
  readonly atMostOncePerMs: number;
}

export const defaultAtMostOncePerMs = 6 * 3_600_000;

/** What was done about an alarm. */
export interface AlarmRemedy {
  /** `nothing` where the contract would have it act, and something forbids that. */
  readonly did: 'isolate' | 'roll-back' | 'nothing';
  /** `isolated r-3`, or why nothing was done. */
  readonly what: string;
  readonly atMs: number;
}
