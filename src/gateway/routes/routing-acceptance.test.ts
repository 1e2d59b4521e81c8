import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeDurably } from '../../adapters/files/write-durably.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { routingTableSchema } from '../../schemas/gateway/routing.ts';
import { makeTable } from '../../testing/rigs/gateway-rig.ts';
import { acceptTable } from './routing-acceptance.ts';
import { RoutingFileKeeper, routingFileOf } from '../following/routing-file.ts';

const owner = { service: 'digits', environment: 'default' };
const table = makeTable([{ endpoints: ['http://127.0.0.1:1'] }]);

test('the applied generation never falls, whatever is offered', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 })), (generations) => {
      let present: RoutingTable | null = null;
      for (const generation of generations) {
        const offered = { ...table, generation };
        const before: number = present?.generation ?? 0;
        const { verdict } = acceptTable(offered, present, owner);
        expect(verdict).toBe(generation > before ? 'apply' : generation === before ? 'known' : 'refuse');
        if (verdict === 'apply') present = offered;
      }
    }),
  );
});

test("another service's or environment's table is refused, also the first one", () => {
  expect(acceptTable({ ...table, service: 'other' }, null, owner)).toMatchObject({ verdict: 'refuse' });
  expect(acceptTable({ ...table, environment: 'prod', generation: 9 }, table, owner)).toMatchObject({
    verdict: 'refuse',
    reason: 'a table of digits/prod was offered to digits/default',
  });
});

test('a table must have shares that sum to 1 and endpoints without a path', () => {
  expect(routingTableSchema.safeParse(table).success).toBe(true);
  expect(routingTableSchema.safeParse({ ...table, splits: [] }).success).toBe(true);
  const half = makeTable([{ share: 0.5, endpoints: [] }]);
  expect(routingTableSchema.safeParse(half).error?.issues[0]?.message).toBe('the shares of the splits must sum to 1');
  for (const endpoint of ['http://a/b', 'a:1', 'http://u@a:1', 'ftp://a:1']) {
    const split = { release: 1, modelVersion: 1, share: 1, replicas: [{ replicaId: 'r', endpoint }] };
    expect(routingTableSchema.safeParse({ ...table, splits: [split] }).success, endpoint).toBe(false);
  }
});

test('the last generation is kept on disk, and damage reads as nothing', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-routing-'));
  const keeper = new RoutingFileKeeper(routingFileOf(folder, 'gateway-1'), writeDurably);
  expect(await keeper.read()).toBeNull();
  await Promise.all([1, 2, 3, 4].map((generation) => keeper.write({ ...table, generation })));
  expect(await keeper.read()).toEqual({ ...table, generation: 4 });
  await writeFile(path.join(folder, 'run', 'routing-gateway-1.json'), '{"format":1,"table":{');
  expect(await keeper.read()).toBeNull();
  await rm(folder, { recursive: true });
});
