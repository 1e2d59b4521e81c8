import { beforeEach, expect, it } from 'vitest';
import type { Store } from '../../ports/records/store.ts';
import { fenceOf } from '../../testing/builders/store-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { AccessLogs, AttemptLog, type RefusedAttempt } from './attempt-log.ts';

let store: Store;
let clock: FakeClock;
let log: AttemptLog;
let held: boolean;
let failing: boolean;
const failures: unknown[] = [];
beforeEach(async () => {
  [store, clock, held] = [memoryStore(), new FakeClock(), true];
  failures.length = 0;
  const fence = await fenceOf(store);
  const failed = (thrown: unknown): void => void failures.push(thrown);
  failing = false;
  const transaction: Store['transaction'] = (of, work) =>
    failing ? Promise.reject(new Error('the store is away')) : store.transaction(of, work);
  log = new AttemptLog({ store: { transaction }, clock, fence: () => fence, held: () => held, failed });
});

const attempt = (over: Partial<RefusedAttempt> = {}): RefusedAttempt => ({
  ...{
    by: 'mallory',
    origin: '10.0.0.7',
    what: 'POST /v1/rollbacks',
    code: 'forbidden',
    service: 'digits',
    environment: 'prod',
  },
  ...over,
});
const recorded = async () =>
  (await store.events({ kindPrefix: 'access.refused' })).map(({ by, service, data }) => [by, service, data]);

it('records the first at once, and equal ones of a minute as one event with their number', async () => {
  log.note(attempt());
  await log.close();
  const named = { service: 'digits', environment: 'prod' };
  const facts = { what: 'POST /v1/rollbacks', code: 'forbidden', origin: '10.0.0.7', ...named };
  expect(await recorded()).toEqual([['mallory', '*', { ...facts, count: 1 }]]);
  for (let at = 0; at < 500; at += 1) log.note(attempt());
  await clock.advance(59_000);
  log.look();
  expect(await recorded()).toHaveLength(1);
  await clock.advance(1_000);
  log.look();
  await log.close();
  expect((await recorded()).at(1)).toEqual(['mallory', '*', { ...facts, count: 500 }]);
});

it('keeps a flood of different attempts to 21 events a minute, and counts all of them', async () => {
  log.note(attempt({ by: 'first' }));
  await log.close();
  for (let at = 0; at < 10_000; at += 1) log.note(attempt({ origin: `10.0.${at >> 8}.${at & 255}` }));
  await clock.advance(60_000);
  log.look();
  await log.close();
  const events = (await recorded()).slice(1);
  expect(events).toHaveLength(21);
  const counts = events.map(([, , data]) => (data as { count: number }).count);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10_000);
});

it('records nothing while another control plane holds the lease, and says what could not be recorded', async () => {
  held = false;
  log.note(attempt());
  await log.close();
  expect(await recorded()).toEqual([]);
  held = true;
  failing = true;
  await log.close();
  expect(failures).toHaveLength(1);
});

it('records the uses of a break-glass token beside a flood of refused attempts', async () => {
  const fence = await fenceOf(store);
  const logs = new AccessLogs(
    { store, clock, log: { error: (facts: unknown) => void failures.push(facts) } },
    { held: () => true, fence: () => fence },
  );
  logs.attempts.note(attempt());
  for (let at = 0; at < 1_000; at += 1) logs.attempts.note(attempt({ origin: `10.1.${at >> 8}.${at & 255}` }));
  logs.breakGlass.note(attempt({ by: 'glass', code: 'break-glass' }));
  await logs.close();
  logs.breakGlass.note(attempt({ by: 'glass', code: 'break-glass' }));
  logs.breakGlass.note(attempt({ by: 'glass', code: 'break-glass' }));
  await clock.advance(60_000);
  logs.look();
  await logs.close();
  expect(failures).toEqual([]);
  const uses = await store.events({ kindPrefix: 'access.break-glass' });
  expect(uses.map(({ by, summary }) => [by, summary])).toEqual([
    ['glass', 'The break-glass token glass was used once from 10.0.0.7: POST /v1/rollbacks'],
    ['glass', 'The break-glass token glass was used 2 times from 10.0.0.7: POST /v1/rollbacks'],
  ]);
  expect(uses[0]?.data).toEqual({
    ...{ what: 'POST /v1/rollbacks', count: 1, origin: '10.0.0.7', service: 'digits', environment: 'prod' },
  });
});
