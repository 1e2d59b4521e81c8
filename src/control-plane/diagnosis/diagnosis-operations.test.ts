import { beforeEach, describe, expect, it } from 'vitest';
import type { EventRecord } from '../../core/records/event.ts';
import { bookOfShort } from '../../core/cost/prices/short-prices.ts';
import { makeQuotaRecord } from '../../testing/builders/diagnosis/make-record.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { testEnvironment, testService } from '../../testing/builders/rollout-builders.ts';
import { openStoreOperations, type StoreOperations } from '../../testing/rigs/store-operations.ts';
import { readDiagnosis } from './diagnosis-operations.ts';

const scope = { service: testService, environment: testEnvironment };
let world: StoreOperations;
beforeEach(async () => {
  world = await openStoreOperations();
});
const record = (takenAtMs = world.clock.nowMs()) =>
  world.operationsFor('vera').recordDiagnosis({ ...scope, record: makeQuotaRecord(takenAtMs) });

describe('the diagnosis of a service', () => {
  it('is nothing before the first, with the reason', async () => {
    expect(await world.operationsFor('ada').diagnosis(scope)).toEqual({
      nowMs: world.clock.nowMs(),
      watched: { missing: 'no control plane watches the service' },
      ...{ run: null, price: null },
    });
  });

  it('is the newest that was recorded, whose finding is decided here', async () => {
    await record(world.clock.nowMs() - 5_000);
    await world.clock.advance(1_000);
    const answer = await record();
    expect(answer).toEqual(await world.operationsFor('ada').diagnosis(scope));
    expect(answer.run).toMatchObject({
      by: 'vera',
      record: { takenAtMs: world.clock.nowMs(), node: 'gpu-1' },
      finding: { verdict: 'shown', cause: 'cpu-quota', cost: { acceleratorSecondsPerHour: 1_800, money: null } },
    });
    const events = await world.store.events({ ...scope, kindPrefix: 'diagnosis' });
    expect(events.map(({ kind, summary }) => [kind, summary])).toEqual(
      Array.from({ length: 2 }, () => [
        'diagnosis.recorded',
        'Diagnosis: cpu-quota is shown: without it 100% more answers (at least 80%, at most 120%)',
      ]),
    );
  });

  it('is of no future: the clock of the control plane says how old it is', async () => {
    const { run, nowMs } = await record(world.clock.nowMs() + 86_400_000);
    expect(run?.record.takenAtMs).toBe(nowMs);
  });

  it('is none where another version recorded it in a form that this one does not know', async () => {
    const { run } = await record();
    const [event] = await world.store.events({ ...scope, kindPrefix: 'diagnosis' });
    const later = { ...event, data: { ...event?.data, record: { ...run?.record, format: 9 } } } as EventRecord;
    const store = { ...world.store, events: async () => [later] } as typeof world.store;
    expect((await readDiagnosis({ ...world.sourceFor('ada'), store }, scope)).run).toBeNull();
  });

  it('is what the control plane watched, decided likewise', async () => {
    const source = world.sourceFor('ada');
    const watched = makeQuotaRecord(7, []);
    const facts = { ...source.facts, diagnosis: () => watched };
    const answer = await readDiagnosis({ ...source, facts }, scope);
    expect(answer.watched).toMatchObject({
      record: watched,
      finding: { verdict: 'undetermined', deciding: 'lifted-quota', cost: null },
    });
  });
});

describe('money', () => {
  it('is of the prices of the environment: half of each hour of one replica at 3.60 EUR', async () => {
    const prices = bookOfShort({ currency: 'EUR', acceleratorSecond: { default: 0.001 }, lateRequest: null });
    const operations = world.operationsFor('ada');
    await operations.release(await aReleaseRequest(world.blobs, 1));
    await operations.setEnvironmentRecord({ environment: testEnvironment, terms: { prices } });
    const { price, run } = await record();
    expect(price).toEqual({ perHour: expect.closeTo(3.6, 6) as number, currency: 'EUR' });
    expect(run?.finding.cost?.money).toEqual({ perHour: expect.closeTo(1.8, 6) as number, currency: 'EUR' });
  });
});
