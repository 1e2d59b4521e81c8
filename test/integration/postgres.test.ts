import { afterAll, beforeAll, describe } from 'vitest';
import { openPostgresStore } from '../../src/adapters/sql/postgres/postgres-store.ts';
import { storeContract } from '../../src/testing/store-contract.ts';
import { missingPostgres, PostgresServer } from './postgres-server.ts';

describe.skipIf(missingPostgres !== null)(
  `PostgreSQL${missingPostgres === null ? '' : `: skipped, ${missingPostgres}`}`,
  () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await PostgresServer.start();
    });
    afterAll(() => server?.remove());

    storeContract('postgresql', async () => ({
      store: await openPostgresStore({ url: server.url(await server.newDatabase()) }),
    }));
  },
);
