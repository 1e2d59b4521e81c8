import { beforeEach, expect, it } from 'vitest';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../testing/builders/rollout-builders.ts';
import { openStoreOperations, type StoreOperations } from '../../testing/rigs/store-operations.ts';
import { guardOperations } from '../http/access/guard-operations.ts';
import type { RefusedAttempt } from './attempt-log.ts';
import { watchOperations } from './watched-operations.ts';

let world: StoreOperations;
const noted: RefusedAttempt[] = [];
beforeEach(async () => {
  world = await openStoreOperations();
  noted.length = 0;
});

function asked(by: string, role: 'view' | 'release' | 'operate') {
  const grants = [{ role, service, environment: null }];
  const guarded = guardOperations(world.operationsFor(by, grants), { name: by, grants, anonymous: false }, service);
  return watchOperations(guarded, { by, origin: '10.0.0.7' }, (attempt) => void noted.push(attempt));
}

it('tells in each event where the request came from', async () => {
  await asked('ada', 'release').release(await aReleaseRequest(world.blobs, 1));
  const events = await world.store.events({});
  expect(events.length).toBeGreaterThan(2);
  expect(events.map(({ data }) => data['origin' as never])).toEqual(events.map(() => '10.0.0.7'));
});

it('tells nothing of another request that runs at the same time', async () => {
  const both = [
    asked('ada', 'operate'),
    watchOperations(world.operationsFor('eve'), { by: 'eve', origin: '10.9.9.9' }, undefined),
  ];
  await Promise.all(
    both.map((operations) => operations.waive({ service, environment, kind: 'cost', reason: 'r', untilMs: 2e12 })),
  );
  const events = await world.store.events({ kindPrefix: 'waiver.recorded' });
  expect(new Map(events.map(({ by, data }) => [by, data['origin' as never]]))).toEqual(
    new Map([
      ['ada', '10.0.0.7'],
      ['eve', '10.9.9.9'],
    ]),
  );
});

it('notes what somebody may not do, and what is refused without an event of its own', async () => {
  const waive = { service, environment, kind: 'golden', reason: 'r', untilMs: 2e12 } as const;
  await expect(asked('mallory', 'release').waive(waive)).rejects.toMatchObject({ code: 'forbidden' });
  const policy = { neverWaived: ['golden'] } as const;
  await world.operationsFor('root').setEnvironmentRecord({ environment, terms: { policy } });
  await expect(asked('ada', 'operate').waive(waive)).rejects.toMatchObject({ code: 'waiver-forbidden' });
  const shared = { origin: '10.0.0.7', what: 'waive', service, environment };
  expect(noted).toEqual([
    { ...shared, by: 'mallory', code: 'forbidden' },
    { ...shared, by: 'ada', code: 'waiver-forbidden' },
  ]);
});

it('does not note what is on the record already, or is no refusal', async () => {
  await expect(
    asked('ada', 'operate').rollback({ service, environment, axis: 'model', reason: 'r' }),
  ).rejects.toThrow();
  await expect(asked('ada', 'view').releaseAsk({ service, environment, id: 'none' })).rejects.toThrow();
  expect(noted).toEqual([]);
});
