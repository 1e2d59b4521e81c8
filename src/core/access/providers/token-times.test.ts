import { expect, it } from 'vitest';
import { findTokenProblem } from './token-times.ts';

const now = 1_000_000;
const claims = { aud: 'plimsoll', iat: now - 10, exp: now + 590 };

it.each([
  ['a token as it should be', {}, null],
  ['the audience as a list', { aud: ['plimsoll'] }, null],
  ['another audience', { aud: 'https://api.example' }, 'audience'],
  ['another audience beside', { aud: ['plimsoll', 'https://api.example'] }, 'audience'],
  ['a part of the audience', { aud: 'plimsol' }, 'audience'],
  ['no audience', { aud: undefined }, 'audience'],
  ['an empty list', { aud: [] }, 'audience'],
  ['an audience that is no text', { aud: 7 }, 'audience'],
  ['the last second of leeway', { exp: now - 59 }, null],
  ['expired beyond the leeway', { exp: now - 60 }, 'expired'],
  ['no end', { exp: undefined }, 'malformed'],
  ['an end as text', { exp: String(now + 100) }, 'malformed'],
  ['an end that is no number', { exp: Number.NaN }, 'malformed'],
  ['an end beyond time', { exp: Infinity }, 'malformed'],
  ['no beginning', { iat: undefined }, 'malformed'],
  ['issued 60 s ahead', { iat: now + 60 }, null],
  ['issued 61 s ahead', { iat: now + 61 }, 'not-yet-valid'],
  ['valid from 61 s ahead', { nbf: now + 61 }, 'not-yet-valid'],
  ['valid from 60 s ahead', { nbf: now + 60 }, null],
  ['valid from a text', { nbf: 'now' }, 'malformed'],
  ['a day long', { iat: now - 10, exp: now - 10 + 86_400 }, null],
  ['a second longer', { iat: now - 10, exp: now - 10 + 86_401 }, 'lifetime'],
])('%s', (_what, over, refusal) => {
  expect(findTokenProblem({ ...claims, ...over }, 'plimsoll', now * 1_000)?.refusal ?? null).toBe(refusal);
});
