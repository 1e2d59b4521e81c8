/** Which HTTP requests are noted as refused attempts, and what is told of them. */
import { beforeEach, expect, it } from 'vitest';
import type { Server } from '../http/http-parts.ts';
import { tokenDigestOf, type AccessToken } from '../../core/access/access-token.ts';
import { testEnvironment as environment, testService as service } from '../../testing/builders/rollout-builders.ts';
import { openTestServer, testAccess } from '../../testing/rigs/control-plane-server.ts';
import type { RefusedAttempt } from './attempt-log.ts';

const viewer: AccessToken = {
  ...{ name: 'vera', role: 'view', sha256: tokenDigestOf('plm_of-vera') },
  ...{ service: null, environment: null, expiresAtMs: null },
};
const expired: AccessToken = { ...viewer, name: 'old', sha256: tokenDigestOf('plm_of-old'), expiresAtMs: 1 };

let server: Server;
const noted: RefusedAttempt[] = [];
beforeEach(async () => {
  noted.length = 0;
  const access = testAccess(
    () => [viewer, expired],
    {},
    () => 2,
  );
  server = await openTestServer({ access, attempts: { note: (attempt) => void noted.push(attempt) } });
});

const send = (method: 'GET' | 'POST', token?: string) =>
  server.inject({
    method,
    url: method === 'GET' ? '/v1/releases' : '/v1/rollbacks',
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    ...(method === 'GET' ? {} : { payload: {} }),
  });

it.each<readonly [string, string | undefined, Pick<RefusedAttempt, 'by' | 'code'>]>([
  ['without a token', undefined, { by: 'anonymous', code: 'no-credential' }],
  ['with a token that nobody knows', 'plm_guessed', { by: 'anonymous', code: 'token-unknown' }],
  ['with an expired token', 'plm_of-old', { by: 'anonymous', code: 'token-expired' }],
  ['with `alg: none`', 'eyJhbGciOiJub25lIn0.e30.', { by: 'anonymous', code: 'token-unknown' }],
  ['without the role', 'plm_of-vera', { by: 'vera', code: 'forbidden' }],
])('notes a write %s, with who, from where and for which service', async (_what, token, told) => {
  expect((await send('POST', token)).statusCode).toBeGreaterThanOrEqual(401);
  expect(noted).toEqual([{ ...told, origin: '127.0.0.1', what: 'POST /v1/rollbacks', service, environment }]);
});

it('notes a wrong token where something is read, and never the token', async () => {
  await send('GET', 'plm_guessed');
  expect(noted).toMatchObject([{ by: 'anonymous', code: 'token-unknown', what: 'GET /v1/releases' }]);
  expect(JSON.stringify(noted)).not.toContain('plm_guessed');
});

it('notes an expired token where something is read', async () => {
  await send('GET', 'plm_of-old');
  expect(noted).toMatchObject([{ by: 'anonymous', code: 'token-expired', what: 'GET /v1/releases' }]);
});

it('does not note reading', async () => {
  await send('GET', 'plm_of-vera');
  await send('GET');
  expect(noted).toEqual([]);
});
