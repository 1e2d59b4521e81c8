import type { TokenClaims } from './identity-provider.ts';
import type { TokenRefusal } from './refused-token.ts';

/** How far the clock of a provider may be from the control plane's. */
export const clockLeewayMs = 60_000;
/** A token cannot be taken back everywhere, and so it may not hold for longer. */
export const tokenLifeAtMostMs = 86_400_000;

export interface TokenProblem {
  readonly refusal: TokenRefusal;
  /** The end of "the token is not taken: ...". */
  readonly why: string;
}

/**
 * Returns what is wrong with the times and the audience of a signed token; null for nothing. Times are seconds since 1970.
 *
 * | claim | has to be |
 * |---|---|
 * | `exp` | there, later than 60 s ago |
 * | `iat` | there, at most 60 s ahead |
 * | `nbf` | absent, or at most 60 s ahead |
 * | `exp` - `iat` | at most a day |
 * | `aud` | the audience and no other one (OpenID Connect Core 1.0, 3.1.3.7) |
 */
export function findTokenProblem(claims: TokenClaims, audience: string, nowMs: number): TokenProblem | null {
  const audiences = audiencesOf(claims);
  if (audiences.length === 0 || audiences.some((each) => each !== audience)) {
    return { refusal: 'audience', why: `it is for ${shown(audiences)}, not for ${audience} alone` };
  }
  const [expires, issued, begins] = [claims['exp'], claims['iat'], claims['nbf'] ?? claims['iat']];
  if (!isTime(expires)) return { refusal: 'malformed', why: 'it does not say when it expires' };
  if (!isTime(issued) || !isTime(begins)) return { refusal: 'malformed', why: 'it does not say when it was issued' };
  if (expires * 1_000 + clockLeewayMs <= nowMs) {
    return { refusal: 'expired', why: `it expired ${Math.floor(nowMs / 1_000 - expires)} s ago` };
  }
  const aheadMs = Math.max(issued, begins) * 1_000 - nowMs;
  if (aheadMs > clockLeewayMs) {
    return { refusal: 'not-yet-valid', why: `it begins in ${Math.ceil(aheadMs / 1_000)} s, by the clock here` };
  }
  if ((expires - issued) * 1_000 <= tokenLifeAtMostMs) return null;
  return { refusal: 'lifetime', why: 'it holds for longer than a day' };
}

/** The audiences that a token names, in either form of the claim. */
export function audiencesOf(claims: TokenClaims): readonly string[] {
  const named = claims['aud'];
  const all: readonly unknown[] = Array.isArray(named) ? named : [named];
  return all.filter((each) => typeof each === 'string');
}

const shown = (audiences: readonly string[]): string =>
  audiences.length === 0 ? 'no audience' : `the audience ${audiences.join(', ').slice(0, 200)}`;
/** Up to the year 9999. */
const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < 253_402_300_800;
