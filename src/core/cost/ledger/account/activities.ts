import type { CauseSpan } from '../causes/label-idle.ts';
import { cutSpan, type Span } from '../span.ts';
import type { IdleCause } from '../state.ts';
import type { Activity, Claim } from './read-claims.ts';
import type { WorkSpan } from './read-work.ts';

/** A part of a claim in which nothing about it changes. */
export interface ActivitySpan extends Span {
  readonly activity: Activity;
  /** Null where no account covers it. */
  readonly work: WorkSpan | null;
  /** Why the claim is there, should it be idle. */
  readonly cause: IdleCause;
}

/** Returns a claim inside a window as spans without a hole, cut where its phase, its account or its cause changes. */
export function cutActivities(
  { phases }: Claim,
  work: readonly WorkSpan[],
  causes: readonly CauseSpan[],
  window: Span,
): readonly ActivitySpan[] {
  const activities: ActivitySpan[] = [];
  let [nextWork, nextCause] = [0, 0];
  for (const phase of phases) {
    const inside = cutSpan(phase, window);
    if (inside === null) continue;
    for (let at = inside.fromMs; at < inside.toMs;) {
      while ((work[nextWork]?.toMs ?? Infinity) <= at) nextWork += 1;
      while ((causes[nextCause]?.toMs ?? Infinity) <= at) nextCause += 1;
      const [account, cause] = [work[nextWork], causes[nextCause]];
      const isCovered = account !== undefined && account.fromMs <= at;
      const isLabelled = cause !== undefined && cause.fromMs <= at;
      const toMs = Math.min(
        inside.toMs,
        isCovered ? account.toMs : (account?.fromMs ?? Infinity),
        isLabelled ? cause.toMs : (cause?.fromMs ?? Infinity),
      );
      activities.push({
        fromMs: at,
        toMs,
        activity: phase.activity,
        work: isCovered ? account : null,
        cause: isLabelled ? cause.cause : 'not-recorded',
      });
      at = toMs;
    }
  }
  return activities;
}
