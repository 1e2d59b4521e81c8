import { expect, it } from 'vitest';
import { makeReviewToken } from './review-token.ts';
import type { ApiCall, ApiReply } from '../api/api-client.ts';

const username = 'system:serviceaccount:ci:deployer';
const never = new AbortController().signal;
const review = (status: object, answered = 201, calls: ApiCall[] = []) =>
  makeReviewToken(
    {
      call(call) {
        calls.push(call);
        return Promise.resolve({ status: answered, text: '', body: { status, message: 'said' } } as ApiReply);
      },
      lines: () => {
        throw new Error('nothing is watched');
      },
    },
    'plimsoll',
  )('token', never);

it('asks for one audience, and gives the subject that the cluster names', async () => {
  const calls: ApiCall[] = [];
  expect(await review({ authenticated: true, audiences: ['plimsoll'], user: { username } }, 201, calls)).toBe(username);
  expect(calls).toMatchObject([{ method: 'POST', body: { spec: { token: 'token', audiences: ['plimsoll'] } } }]);
});

it.each([
  ['is not authenticated', { authenticated: false, error: 'bad', audiences: ['plimsoll'], user: { username } }],
  ['comes back without its audience', { authenticated: true, user: { username } }],
  ['is of another audience', { authenticated: true, audiences: ['api'], user: { username } }],
  ['is of a person', { authenticated: true, audiences: ['plimsoll'], user: { username: 'ada' } }],
  ['is of a node', { authenticated: true, audiences: ['plimsoll'], user: { username: 'system:node:a' } }],
  ['is of nobody', { authenticated: true, audiences: ['plimsoll'] }],
  ['says yes as a text', { authenticated: 'true', audiences: ['plimsoll'], user: { username } }],
])('a token that %s is nobody’s', async (_what, status) => {
  expect(await review(status)).toBeNull();
});

it.each([404, 409, 422])('an API server that makes no review (%s) is an error, not a no', async (status) => {
  await expect(review({}, status)).rejects.toMatchObject({ code: 'cluster-answer-invalid', category: 'unavailable' });
});
