/** What the record of an environment does to releases there, and to the evidence of what is live. */
import { beforeEach, describe, expect, it } from 'vitest';
import { pricesDigest } from '../../core/cost/prices/price-texts.ts';
import type { EnvironmentTerms } from '../../core/fleet/environment/environment-record.ts';
import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import { digestOf, shortDigest, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import { aReleaseRequest, type BundleOver } from '../../testing/builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../testing/builders/rollout-builders.ts';
import { openStoreOperations, type StoreOperations } from '../../testing/rigs/store-operations.ts';
import { testJudging } from '../../testing/rigs/test-judging.ts';
import { readPriceBook } from '../../schemas/prices/read-price-book.ts';
import { judgeProof, readShownProof } from './release-proof.ts';

const text = (price: string): string => `currency: EUR\naccelerators: { default: ${price} }\n`;
const recorded = (price: string): EnvironmentTerms => ({ prices: readPriceBook(text(price), 'prices.yaml') });

let world: StoreOperations;
let operations: Operations;
const judging = () => testJudging(world.blobs);
const judge = async (): Promise<readonly EvidenceState[]> =>
  judgeProof(
    judging(),
    world.store,
    world.clock,
    await readShownProof(judging().shelf, world.store, service, environment),
  );

beforeEach(async () => {
  world = await openStoreOperations(() => judge());
  operations = world.operationsFor('ada');
});

const set = (terms: EnvironmentTerms) => operations.setEnvironmentRecord({ environment, terms });
const waive = (...kinds: readonly EvidenceState['kind'][]) =>
  kinds.map((kind) => ({ kind, reason: 'a test', untilMs: 2e12 }));

/** A bundle with a prices file, or, with null, without one. */
async function priced(price: string | null, over: BundleOver = {}): Promise<BundleOver> {
  const stored = price === null ? null : await world.blobs.put(Buffer.from(text(price)));
  return {
    waivers: waive('cost'),
    ...(stored === null ? {} : { contract: { cost: { prices: 'prices.yaml' } } }),
    ...(stored === null
      ? { waivers: [] }
      : { files: (files) => [...files, { path: 'prices.yaml', ...stored, role: 'prices' }] }),
    ...over,
  };
}

const release = async (model: number, over: BundleOver = {}) =>
  operations.release(await aReleaseRequest(world.blobs, model, over));
const refusalOf = async (asked: Promise<unknown>): Promise<PlimsollError> => {
  const thrown = await asked.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof PlimsollError) return thrown;
  throw new Error('nothing was refused');
};

describe('a release', () => {
  it('that says other prices than the record is refused with both values, and on the record', async () => {
    await set(recorded('2.50/h'));
    const error = await refusalOf(release(1, await priced('2.00/h')));
    expect([error.code, error.category]).toEqual(['environment-contradicted', 'refused']);
    expect(error.message).toContain('prices.accelerators.default is 2.50/h in the record and 2.00/h in the contract');
    expect(error.details['refusals']).toMatchObject([
      { conflicts: [{ key: 'prices.accelerators.default', record: '2.50/h', contract: '2.00/h' }] },
    ]);
    expect(await world.store.releases(service, environment)).toEqual([]);
    const events = await world.store.events({ service, kindPrefix: 'release.refused' });
    expect(events[0]?.summary).toContain('2.50/h');
  });

  it.each([
    ['the same prices', '2.5/h'],
    ['no prices', null],
  ])('that says %s is not held up', async (_, price) => {
    await set(recorded('2.50/h'));
    expect(await release(1, await priced(price))).toMatchObject({ outcome: 'released' });
  });

  it('without a record goes by its own prices, and so does one after the record was taken back', async () => {
    expect(await release(1, await priced('2.00/h'))).toMatchObject({ outcome: 'released' });
    await world.bringIn();
    await set(recorded('2.50/h'));
    await operations.clearEnvironmentRecord({ environment, keys: ['prices'] });
    expect(await release(2, await priced('2.00/h'))).toMatchObject({ outcome: 'released' });
  });

  it('whose prices file cannot be read is no better than another', async () => {
    await set(recorded('2.50/h'));
    const error = await refusalOf(release(1, await priced('much')));
    expect(error.message).toMatch(/prices is EUR, 2\.50\/h in the record and not readable \(prices\.yaml: /);
  });

  it('for another platform than the record is refused', async () => {
    await set({ platform: 'kubernetes' });
    expect((await refusalOf(release(1))).message).toContain('platform is kubernetes in the record and local in');
  });

  it('for a pool of another name, or of other classes, is refused', async () => {
    await set({ pool: { name: 'eu' } });
    const contract = { environments: { [environment]: { pool: 'us' } } };
    expect((await refusalOf(release(1, { contract }))).message).toContain('pool.name is eu in the record and us in');
  });

  it('of a live bundle whose environment changed is refused too, and what is live serves on', async () => {
    const over = await priced('2.00/h');
    await release(1, over);
    await world.bringIn();
    await set(recorded('2.50/h'));
    expect((await refusalOf(release(1, over))).code).toBe('environment-contradicted');
    expect(await world.store.deployment(service, environment)).toMatchObject({ live: 1, incoming: null });
  });

  it('that only goes back is not held up by the record', async () => {
    await release(1, await priced('2.00/h'));
    await world.bringIn();
    await release(2, await priced('2.00/h'));
    await world.bringIn();
    await set({ ...recorded('9.00/h'), platform: 'kubernetes', policy: { neverWaived: ['cost', 'golden'] } });
    const rolled = await operations.rollback({ service, environment, axis: 'model', reason: 'worse' });
    expect(rolled).toMatchObject({ number: 3, cause: { kind: 'rollback' } });
  });
});

describe('a policy', () => {
  beforeEach(() => set({ policy: { neverWaived: ['cost'] } }));

  it('refuses a waiver of a kind that it names, in a release and by itself', async () => {
    const error = await refusalOf(release(1, await priced('2.00/h')));
    expect(error.code).toBe('waiver-forbidden');
    expect(error.message).toContain('policy.neverWaived of');
    const asked = { service, environment, kind: 'cost' as const, reason: 'r', untilMs: 2e12 };
    expect(await refusalOf(operations.waive(asked))).toMatchObject({ code: 'waiver-forbidden', category: 'refused' });
    await operations.waive({ ...asked, kind: 'golden' });
    expect(await world.store.waivers(service, environment)).toMatchObject([{ kind: 'golden' }]);
  });

  it('lets no earlier waiver through either', async () => {
    await operations.clearEnvironmentRecord({ environment, keys: [] });
    await operations.waive({ service, environment, kind: 'cost', reason: 'r', untilMs: 2e12 });
    await set({ policy: { neverWaived: ['cost'] } });
    const error = await refusalOf(release(1, { ...(await priced('2.00/h')), waivers: [] }));
    expect(error.code).toBe('evidence-refused');
    expect(error.message).toContain('cost evidence is missing');
  });
});

describe('scaling evidence', () => {
  const scaling = {
    objective: { latency: { p99: '50ms' } },
    coldStart: { p90: '45s' },
    scaling: { replicas: { min: 1, max: 4 } },
  };
  /** Measured on prices of this digest; whether it holds otherwise is not what is asked. */
  const measuredOn = (prices: Digest | undefined): BundleOver => ({
    lock: (locked) => ({
      ...locked,
      evidence: {
        ...locked.evidence,
        scaling: { ...locked.evidence.golden!, kind: 'scaling', subjects: prices === undefined ? {} : { prices } },
      },
    }),
  });
  const moved = async (): Promise<readonly string[]> => {
    const row = (await judge()).find(({ kind }) => kind === 'scaling');
    return (row?.reasons ?? []).filter((reason) => reason.startsWith('prices moved'));
  };
  const waivers = waive('cost', 'cold-start', 'capacity', 'scaling');
  const own = recorded('2.00/h').prices!;

  it('that was measured on the file of the contract is stale once the record says other prices', async () => {
    const over = await priced('2.00/h', { waivers });
    const file = (await world.blobs.put(Buffer.from(text('2.00/h')))).digest;
    await release(1, { ...over, ...measuredOn(file), contract: { ...over.contract, ...scaling } });
    await world.bringIn();
    expect(await moved()).toEqual([]);
    await set(recorded('2.0/h'));
    expect(await moved()).toEqual([]);
    await set(recorded('2.50/h'));
    const now = pricesDigest(recorded('2.50/h').prices!);
    expect(await moved()).toEqual([`prices moved: ${shortDigest(file)} -> ${shortDigest(now)}`]);
  });

  it('of a contract without prices goes by those of the record', async () => {
    await set(recorded('2.00/h'));
    await release(1, { ...(await priced(null)), waivers, ...measuredOn(pricesDigest(own)), contract: scaling });
    await world.bringIn();
    expect(await moved()).toEqual([]);
    await operations.clearEnvironmentRecord({ environment, keys: ['prices'] });
    expect(await moved()).toEqual([`prices moved: ${shortDigest(pricesDigest(own))} -> none`]);
  });

  it('that was measured without prices is stale where the record has some', async () => {
    await set(recorded('2.00/h'));
    await release(1, { ...(await priced(null)), waivers, ...measuredOn(undefined), contract: scaling });
    await world.bringIn();
    expect(await moved()).toEqual([`prices moved: none -> ${shortDigest(pricesDigest(own))}`]);
  });
});

describe('the record', () => {
  it('has a version and an event for each change, with who, and for none that changes nothing', async () => {
    await set(recorded('2.00/h'));
    await set(recorded('2.00/h'));
    expect(await set(recorded('2.50/h'))).toMatchObject({ version: 2, by: 'ada', environment });
    await operations.clearEnvironmentRecord({ environment, keys: [] });
    const events = await world.store.events({ kindPrefix: 'environment.' });
    expect(events).toMatchObject([
      { environment, by: 'ada', data: { version: 1 } },
      { data: { version: 2, changes: [{ key: 'prices.accelerators.default', before: '2.00/h', after: '2.50/h' }] } },
      { data: { version: 3 } },
    ]);
    expect(events[1]?.summary).toContain('prices.accelerators.default 2.00/h -> 2.50/h');
    expect(await refusalOf(operations.clearEnvironmentRecord({ environment, keys: [] }))).toMatchObject({
      code: 'nothing-recorded',
    });
  });

  it('is not set over a version that somebody else made', async () => {
    await set(recorded('2.00/h'));
    const late = operations.setEnvironmentRecord({ environment, terms: recorded('3.00/h'), version: 0 });
    expect((await refusalOf(late)).code).toBe('environment-moved');
    expect((await operations.environmentRecords())[0]).toMatchObject({ version: 1 });
    expect(digestOf((await operations.environmentRecords())[0]?.prices)).toBe(digestOf(recorded('2.00/h').prices));
  });
});
