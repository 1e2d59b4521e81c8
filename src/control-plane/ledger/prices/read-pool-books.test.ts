import { beforeEach, describe, expect, it } from 'vitest';
import { readPriceBook } from '../../../schemas/prices/read-price-book.ts';
import { aReleaseRequest } from '../../../testing/builders/release-fixture.ts';
import { testEnvironment as environment } from '../../../testing/builders/rollout-builders.ts';
import { openStoreOperations, type StoreOperations } from '../../../testing/rigs/store-operations.ts';
import { testJudging } from '../../../testing/rigs/test-judging.ts';
import { readPoolBooks } from './read-pool-books.ts';

const text = (price: string): string =>
  `currency: EUR\nsource: a list\ncores: [{ price: ${price}, from: 2026-01-01 }]\n`;

let world: StoreOperations;
beforeEach(async () => {
  world = await openStoreOperations();
});

const read = () => readPoolBooks({ store: world.store, bundles: testJudging(world.blobs) });
const set = (name: string, price: string, pool?: string) =>
  world.operationsFor('ada').setEnvironmentRecord({
    environment: name,
    terms: {
      prices: readPriceBook(text(price), 'prices.yaml'),
      ...(pool === undefined ? {} : { pool: { name: pool } }),
    },
  });

/** Releases a contract whose `cost.prices` file has this text. */
async function release(content: string): Promise<void> {
  const stored = await world.blobs.put(Buffer.from(content));
  const request = await aReleaseRequest(world.blobs, 1, {
    contract: { cost: { prices: 'prices.yaml' } },
    waivers: [{ kind: 'cost', reason: 'a test', untilMs: 2e12 }],
    files: (files) => [...files, { path: 'prices.yaml', ...stored, role: 'prices' }],
  });
  await world.operationsFor('ada').release(request);
}

describe('readPoolBooks', () => {
  it('has no book and no problem where nobody states prices', async () => {
    expect(await read()).toEqual({ books: new Map(), problems: [] });
  });

  it('takes the file of a released contract, and the record of the environment before it', async () => {
    await release(text('0.04/h'));
    expect((await read()).books.get('local')?.cores).toMatchObject([{ microsPerHour: 40_000 }]);
    await set('other', '0.05/h');
    expect((await read()).books.get('local')?.cores).toMatchObject([{ microsPerHour: 50_000 }]);
  });

  it('names a file that cannot be read', async () => {
    await release('currency: EUR\n');
    const { books, problems } = await read();
    expect([books.size, problems.map(({ pool, kind }) => `${pool} ${kind}`)]).toEqual([0, ['local unreadable']]);
    expect(problems[0]?.message).toContain(
      `the prices of digits in ${environment} cannot be read: not readable (prices.yaml`,
    );
  });

  it('has a book for each pool that records name, and none for one with two books', async () => {
    await set('prod', '0.04/h', 'gpus');
    await set('staging', '0.05/h', 'gpus');
    await set('lab', '0.05/h', 'lab');
    const { books, problems } = await read();
    expect([...books.keys()]).toEqual(['lab']);
    expect(problems.map(({ pool, kind }) => `${pool} ${kind}`)).toEqual(['gpus two-books', 'local two-books']);
    expect(problems[0]?.message).toBe(
      'the record of prod and the record of staging state two different price books for it',
    );
  });
});
