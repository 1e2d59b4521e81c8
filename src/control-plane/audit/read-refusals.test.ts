/** Who may read over HTTP what is recorded beside all services: refused attempts, and uses of break-glass tokens. */
import { expect, it } from 'vitest';
import { parseTokenFile, tokenDigestOf } from '../../core/access/access-token.ts';
import { asOperator, openTestServer, testAccess } from '../../testing/rigs/control-plane-server.ts';
import { openStoreOperations } from '../../testing/rigs/store-operations.ts';
import { makeBreakGlassEvent } from './attempt-log.ts';

it('is shown to whoever reads every service, and to nobody else', async () => {
  const source = await openStoreOperations();
  const facts = { by: 'glass', origin: '10.0.0.7', what: 'POST /v1/rollbacks', code: 'break-glass', count: 1 };
  const event = makeBreakGlassEvent({ ...facts, service: null, environment: null });
  await source.write(async (tx) => {
    await tx.appendEvent({ service: '*', environment: '*', by: 'glass', atMs: 1, ...event });
  });
  const { tokens } = parseTokenFile(`ann operate ${tokenDigestOf('plm_of-ann')} service=digits`);
  const server = await openTestServer({
    store: source.store,
    operationsFor: (by) => source.operationsFor(by),
    access: testAccess(() => tokens),
  });
  const ask = (url: string, headers: Readonly<Record<string, string>>) =>
    server.inject({ url, headers: { host: '127.0.0.1:7070', ...headers } });
  const shown = await ask('/v1/events?kindPrefix=access', asOperator);
  expect(shown.json()).toMatchObject([{ kind: 'access.break-glass', by: 'glass' }]);
  expect((await ask('/v1/events?kindPrefix=access&service=digits', asOperator)).json()).toEqual([]);
  const ofOne = { authorization: 'Bearer plm_of-ann' };
  expect((await ask('/v1/events?kindPrefix=access', ofOne)).statusCode).toBe(403);
  await server.close();
});
