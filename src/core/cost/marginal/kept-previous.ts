/** A release that took over, and the one that it left. */
export interface Takeover {
  readonly atMs: number;
  /** Whether another pair was left: only then there is a release to keep warm. */
  readonly leftAnother: boolean;
}

export interface KeptWarm {
  /** Takeovers that left a release to keep. */
  readonly releases: number;
  /** Added up over them. */
  readonly keptMs: number;
}

/**
 * Returns for how long previous releases are kept warm: each from its takeover for `keepPreviousMs`, until the next takeover at
 * the latest, which leaves another release to keep.
 *
 * Worked: takeovers at 0 and 20 minutes, kept for an hour, now is 50 minutes: 20 and 30 minutes.
 * @param takeovers oldest first
 */
export function sumKeptWarm(takeovers: readonly Takeover[], keepPreviousMs: number, nowMs: number): KeptWarm {
  const kept = takeovers.flatMap(({ atMs, leftAnother }, at) => {
    if (!leftAnother) return [];
    const untilMs = Math.min(nowMs, takeovers[at + 1]?.atMs ?? nowMs, atMs + keepPreviousMs);
    return [Math.max(0, untilMs - atMs)];
  });
  return { releases: kept.length, keptMs: kept.reduce((sum, each) => sum + each, 0) };
}
