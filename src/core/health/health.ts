import type { Promises } from '../contract/promises.ts';
import type { StartTrouble } from './start-trouble.ts';
import type { OutcomeSpan } from './outcomes.ts';

/** What a service is, in one word; ordered from worst to best, what is not known between. */
export type HealthState = 'failing' | 'unknown' | 'degraded' | 'not-released' | 'healthy';

/** Whether a service is healthy, as status, page, favicon and HTTP say it. */
export interface ServiceHealth {
  readonly state: HealthState;
  /** One or two sentences for people: what, since when, what changed last. */
  readonly sentence: string;
  /** Since when it is so, as far as that is known. */
  readonly sinceMs: number | null;
  /** What changed last; null where nothing is known to have. */
  readonly change: HealthChange | null;
  /** What to do, with a command in backticks where one helps; null where nothing has to be done. */
  readonly next: string | null;
  /** Over the last minute, or as far back as it takes to see ten requests; null where no gateway told of any. */
  readonly recent: HealthWindow | null;
}

/** Something that was changed, as part of a sentence: `release 2 went live`. */
export interface HealthChange {
  readonly what: string;
  readonly atMs: number;
}

/** What a span of time shows of the requests in it. */
export interface HealthWindow {
  readonly spanMs: number;
  readonly requests: number;
  readonly failed: number;
  readonly latencyP50Ms: number | null;
  readonly latencyP99Ms: number | null;
}

/** What is known of a service; nothing in it is a judgement. */
export interface HealthFacts {
  readonly nowMs: number;
  /** The release that requests go to; null before the first. */
  readonly live: number | null;
  /** A release on its way in; null where none is. */
  readonly incoming: number | null;
  /**
   * Replicas of the live release: how many answer, how many are on their way to that and did not fail again and again, and
   * how many there should be. Null where nobody knows.
   */
  readonly replicas: { readonly ready: number; readonly starting: number; readonly wanted: number } | null;
  /** Why replicas of the live release, or of the first one that comes in, do not start; null where nothing is known. */
  readonly trouble: StartTrouble | null;
  /** Null where the contract of the live release is not known. */
  readonly promises: Promises | null;
  /** Of the last hour, oldest first; short spans for the last minutes. */
  readonly spans: readonly OutcomeSpan[];
  /** When a gateway last reported; null where none did. */
  readonly heardAtMs: number | null;
  /** Why the control plane itself does not know better; null where it does. */
  readonly problem: string | null;
  readonly change: HealthChange | null;
  /** A rollback that would be accepted now: `plimsoll rollback --model`; null where none would. */
  readonly rollback: string | null;
}
