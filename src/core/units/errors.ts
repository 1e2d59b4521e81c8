import { coreSteps } from './next-steps/core-steps.ts';
import { nextStep } from './next-steps/next-step.ts';
/**
 * The one family of errors. What is *expected* (a failing verdict, a stale kind) is a return value; what is thrown is
 * one of these, so that one place can map it to an exit status and one to an HTTP status.
 *
 * | category | meaning | exit | HTTP |
 * |---|---|---|---|
 * | input | the input or the use is wrong | 2 | 400 |
 * | not-found | a named thing does not exist | 2 | 404 |
 * | conflict | the state moved, or forbids it (compare-and-swap, bar, lease) | 1 | 409 |
 * | refused | policy or evidence says no | 1 | 422 |
 * | corrupt | stored bytes are not what their digest says | 1 | 500 |
 * | unauthorized | no token, or not the role | 2 | 401/403 |
 * | overloaded | a bound was reached; try later | 3 | 429/503 |
 * | unavailable | something needed is out of reach | 3 | 503 |
 * | bug | Plimsoll is wrong | 70 | 500 |
 */
export type ErrorCategory =
  'input' | 'not-found' | 'conflict' | 'refused' | 'corrupt' | 'unauthorized' | 'overloaded' | 'unavailable' | 'bug';

export interface ErrorFields {
  /** Stable, kebab-case, for programs: `blob-corrupt`, `lease-lost`. */
  readonly code: string;
  readonly category: ErrorCategory;
  /** One sentence for people: what is wrong and where. */
  readonly message: string;
  /** The next thing to do, as a command where there is one. */
  readonly next?: string | undefined;
  /** Typed facts: digests, names, positions. JSON-safe. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

export class PlimsollError extends Error {
  readonly code: string;
  readonly category: ErrorCategory;
  readonly next: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(fields: ErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'PlimsollError';
    this.code = fields.code;
    this.category = fields.category;
    this.next = fields.next;
    this.details = fields.details ?? {};
  }

  toJSON(): { code: string; category: ErrorCategory; message: string; next?: string; details: object } {
    return {
      code: this.code,
      category: this.category,
      message: this.message,
      ...(this.next === undefined ? {} : { next: this.next }),
      details: this.details,
    };
  }
}

/** Anything that was thrown, as one of ours; what is not ours is a bug, with its cause kept. */
export function asPlimsollError(thrown: unknown): PlimsollError {
  if (thrown instanceof PlimsollError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new PlimsollError({
    code: 'unexpected',
    category: 'bug',
    message,
    next: nextStep(coreSteps, 'unexpected'),
    cause: thrown,
  });
}
