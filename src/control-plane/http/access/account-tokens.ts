import { createHash } from 'node:crypto';
import { controlPlaneSteps } from '../../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { audiencesOf } from '../../../core/access/providers/token-times.ts';
import { PlimsollError, asPlimsollError } from '../../../core/units/errors.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { ReviewToken } from '../../../ports/access/token-review.ts';
import type { CredentialHolder, Credentials } from './credentials.ts';
import { readUnverifiedClaims } from './unverified-claims.ts';

export interface AccountTokenParts {
  readonly credentials: Credentials;
  readonly review: ReviewToken;
  /** Tokens of other audiences, such as the API server, are not taken. */
  readonly audience: string;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
}

interface Reviewed {
  readonly subject: string | null;
  readonly untilMs: number;
}

/** A token whose account was removed is believed for no longer than this. */
const believedMs = 60_000;
const disbelievedMs = 10_000;
const keptAtMost = 1_000;
const reviewsAtOnce = 8;
const reviewWithinMs = 5_000;

/**
 * Whoever holds a token of a service account that the token file names. What the token says of itself only refuses it:
 * without a call for a token that could not be taken anyway. What lets it in is the cluster's answer, which is kept for a
 * minute at most. Where the cluster does not answer, nobody comes in.
 */
export class AccountTokens {
  readonly #parts: AccountTokenParts;
  readonly #reviewed = new Map<string, Reviewed>();
  readonly #asked = new Map<string, Promise<string | null>>();

  constructor(parts: AccountTokenParts) {
    this.#parts = parts;
  }

  /**
   * @throws PlimsollError `token-unknown` (unauthorized), `token-reviews-busy` (overloaded), `token-not-reviewed`
   * (unavailable).
   */
  async find(token: string): Promise<CredentialHolder> {
    const claims = claimsOf(token);
    const { audience, clock, credentials } = this.#parts;
    if (!claims.audiences.includes(audience)) {
      throw unknown(
        `it is for the audience ${claims.audiences.join(', ').slice(0, 200)}, not for ${audience}`,
        audience,
      );
    }
    if (claims.expiresAtMs <= clock.nowMs()) throw unknown('it has expired', audience);
    if (credentials.findAccount(claims.subject) === null) throw notTaken(audience);
    const subject = await this.#subjectOf(token);
    const found = subject === null ? null : credentials.findAccount(subject);
    if (subject === null || found === null) throw notTaken(audience);
    const stillHolds = (): boolean => claims.expiresAtMs > clock.nowMs() && credentials.findAccount(subject) !== null;
    return { ...found, stillHolds };
  }

  async #subjectOf(token: string): Promise<string | null> {
    const digest = createHash('sha256').update(token).digest('base64');
    const known = this.#reviewed.get(digest);
    if (known !== undefined && known.untilMs > this.#parts.clock.monotonicMs()) return known.subject;
    const asked = this.#asked.get(digest) ?? this.#ask(digest, token);
    return asked;
  }

  #ask(digest: string, token: string): Promise<string | null> {
    if (this.#asked.size >= reviewsAtOnce) throw busy();
    const { review, clock } = this.#parts;
    const asked = review(token, AbortSignal.timeout(reviewWithinMs))
      .then(
        (subject) => {
          const untilMs = clock.monotonicMs() + (subject === null ? disbelievedMs : believedMs);
          this.#reviewed.delete(digest);
          const [oldest] = this.#reviewed.keys();
          if (oldest !== undefined && this.#reviewed.size >= keptAtMost) this.#reviewed.delete(oldest);
          this.#reviewed.set(digest, { subject, untilMs });
          return subject;
        },
        (thrown: unknown) => {
          throw notReviewed(thrown);
        },
      )
      .finally(() => this.#asked.delete(digest));
    this.#asked.set(digest, asked);
    return asked;
  }
}

interface Claims {
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly expiresAtMs: number;
}

/** As the token says it, not verified. */
function claimsOf(token: string): Claims {
  const claims = readUnverifiedClaims(token);
  const { sub, exp } = claims;
  return {
    subject: typeof sub === 'string' ? sub : '',
    audiences: audiencesOf(claims),
    expiresAtMs: typeof exp === 'number' ? exp * 1_000 : 0,
  };
}

/** Whether an account is known here is nothing for whoever only claims to be it. */
const notTaken = (audience: string): PlimsollError =>
  unknown('the cluster does not confirm it, or its service account has no role here', audience);

function unknown(why: string, audience: string): PlimsollError {
  return new PlimsollError({
    code: 'token-unknown',
    category: 'unauthorized',
    message: `the token of a service account is not taken: ${why}`,
    next: nextStep(controlPlaneSteps, 'token-unknown/token-add', { audience }),
  });
}

function busy(): PlimsollError {
  return new PlimsollError({
    code: 'token-reviews-busy',
    category: 'overloaded',
    message: `${reviewsAtOnce} tokens of service accounts are being verified already`,
    next: 'ask again in a few seconds',
  });
}

function notReviewed(cause: unknown): PlimsollError {
  const { code, message } = asPlimsollError(cause);
  return new PlimsollError({
    code: 'token-not-reviewed',
    category: 'unavailable',
    message: `the token of a service account cannot be verified: ${message}`,
    next:
      code === 'cluster-forbidden'
        ? nextStep(controlPlaneSteps, 'token-not-reviewed/install-kubernetes-service-account-tokens')
        : nextStep(controlPlaneSteps, 'token-not-reviewed/token-add-needs'),
    cause,
  });
}
