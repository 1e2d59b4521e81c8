/** What was done about an alarm. */
export interface AlarmRemedy {
  /** `nothing` where the contract would have it act, and something forbids that. */
  readonly did: 'isolate' | 'roll-back' | 'nothing';
  /** `isolated r-3`, or why nothing was done. */
  readonly what: string;
  readonly atMs: number;
}
