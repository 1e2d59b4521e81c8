import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewChanges } from '../../core/evidence/features/feature-changes.ts';
import { digestOf } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import {
  feastRegistry,
  type FeastRegistryFacts,
  type FeastViewFacts,
} from '../../testing/builders/files/feast-encoder.ts';
import { block, integer, joined, word } from '../../testing/builders/files/onnx-encoder.ts';
import { readFeastRegistry, type FeastSelection } from './read-feast-registry.ts';

const [INT64, DOUBLE, FLOAT] = [4, 5, 6];
const stats: FeastViewFacts = { name: 'stats', features: { rate: FLOAT, trips: INT64 } };
const perKm = { name: 'per_km', features: { rate_km: DOUBLE }, of: 'stats', reads: { rate: FLOAT }, code: 'rate / km' };
const facts: FeastRegistryFacts = {
  views: [stats, { name: 'other', features: { age: INT64 } }],
  onDemand: [perKm],
  services: [{ name: 'activity', selects: [{ view: 'per_km', features: { rate_km: DOUBLE } }] }],
};
const selecting = (featureViews: readonly string[], featureServices: readonly string[] = []): FeastSelection => ({
  featureViews,
  featureServices,
});
const read = (of: FeastRegistryFacts, selection = selecting(['stats'])) =>
  readFeastRegistry(feastRegistry({ ...facts, ...of }), selection);
const whole = selecting(['stats', 'per_km'], ['activity']);

async function changes(after: FeastRegistryFacts, selection = whole): Promise<readonly string[]> {
  return viewChanges(await read({}, selection), await read(after, selection));
}

async function failure(work: Promise<unknown>): Promise<PlimsollError> {
  const thrown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(PlimsollError);
  return thrown as PlimsollError;
}

describe('a Feast registry', () => {
  it('gives what defines a view', async () => {
    expect(await read({})).toEqual({
      'rides/stats': {
        kind: 'batch',
        entities: { driver_id: 'INT64' },
        features: { rate: 'FLOAT', trips: 'INT64' },
        sources: { stats_source: expect.stringMatching(/^sha256:/) as string },
        ttlSeconds: 86_400,
        rest: expect.stringMatching(/^sha256:/) as string,
      },
    });
  });

  it('gives of a feature service also the views that it builds on, with the features that they need', async () => {
    const views = await read({}, selecting([], ['activity']));
    expect(Object.keys(views)).toEqual(['rides/per_km', 'rides/service/activity', 'rides/stats']);
    expect(views['rides/stats']?.features).toEqual({ rate: 'FLOAT' });
    expect(views['rides/service/activity']?.features).toEqual({ 'per_km:rate_km': 'DOUBLE' });
    expect(views['rides/per_km']).toMatchObject({ kind: 'on-demand', entities: {} });
    expect(Object.keys(views['rides/per_km']?.sources ?? {}).sort()).toEqual(['asked', 'view stats']);
  });

  it('is the same after another writing without a change: times, ids, pickles, orders of maps', async () => {
    const twice = await Promise.all([1, 2, 3].map((writing) => read({ writing }, whole)));
    expect(new Set(twice.map(digestOf)).size).toBe(1);
    const described = { ...stats, description: 'another text', more: [block(5, word(1, 'team'), word(2, 'a'))] };
    expect(await changes({ views: [described] })).toEqual([]);
    const mapped = (order: readonly (readonly [string, string])[]) =>
      read({ views: [{ ...stats, fieldMapping: order }] });
    const pairs = [['a', 'b'] as const, ['c', 'd'] as const];
    expect(digestOf(await mapped(pairs))).toBe(digestOf(await mapped(pairs.toReversed())));
    expect(digestOf(await mapped(pairs))).not.toBe(digestOf(await mapped([])));
  });

  it.each([
    [{ features: { ...stats.features, acc: FLOAT } }, 'feature view stats: feature acc added (FLOAT)'],
    [{ features: { rate: FLOAT } }, 'feature view stats: feature trips removed'],
    [{ features: { rate: FLOAT, trips: DOUBLE } }, 'feature view stats: feature trips INT64 -> DOUBLE'],
    [{ path: 'data/b.parquet' }, 'feature view stats: source stats_source changed'],
    [{ ttlSeconds: 3_600 }, 'feature view stats: ttl 86400 s -> 3600 s'],
    [{ ttlSeconds: 0 }, 'feature view stats: ttl 86400 s -> none'],
    [{ code: 'a + b' }, 'feature view stats: transformation changed'],
    [{ more: [word(16, 'spark')] }, 'feature view stats: its mode or its aggregations changed'],
    // A field that this version does not know counts: it may define something.
    [{ more: [word(99, 'new')] }, 'feature view stats: its mode or its aggregations changed'],
  ])('says what changed of a view: %j', async (change, said) => {
    expect(await changes({ views: [{ ...stats, ...change }] })).toContain(said);
  });

  it('says what changed of an on-demand view and of a feature service', async () => {
    expect(await changes({ onDemand: [{ ...perKm, code: 'rate / km / 2' }] })).toEqual([
      'feature view per_km: transformation changed',
    ]);
    const selects = [
      { view: 'stats', features: { rate: FLOAT } },
      { view: 'per_km', features: { rate_km: DOUBLE } },
    ];
    expect(await changes({ services: [{ name: 'activity', selects }] })).toEqual([
      'feature service activity: feature stats:rate added (FLOAT)',
    ]);
    const renamed = [{ name: 'activity', selects: selects.toReversed() }];
    expect(
      viewChanges(
        await read({ services: [{ name: 'activity', selects }] }, whole),
        await read({ services: renamed }, whole),
      ),
    ).toEqual(['feature service activity: the order or the mapping of its columns changed']);
  });

  it('names the entity of a view by its join key, and its type also where Feast left the columns out', async () => {
    const entities = ['driver', 'car'];
    const [before, after] = [await read({ entities }), await read({ entities, views: [{ ...stats, entity: 'car' }] })];
    expect(viewChanges(before, after)).toEqual([
      'feature view stats: entity car_id added (INT64), entity driver_id removed',
    ]);
    expect((await failure(read({ entities: [] }))).message).toContain('names the entity driver, which is not there');
  });
});

describe('a Feast registry that cannot be used', () => {
  it.each([
    [selecting(['stat']), 'the Feast registry has no feature view stat; it has other, per_km, stats'],
    [selecting([], ['a']), 'the Feast registry has no feature service a; it has activity'],
    [{ ...selecting(['stats']), project: 'cars' }, 'the Feast registry has no project cars; it has rides'],
  ])('names what is there instead of %j', async (selection, message) => {
    expect(await failure(read({}, selection))).toMatchObject({ code: 'feast-unknown', category: 'not-found', message });
  });

  it('asks for the project where there are several', async () => {
    const two = joined(feastRegistry(facts), feastRegistry({ ...facts, project: 'cars' }));
    expect((await failure(readFeastRegistry(two, selecting(['stats'])))).message).toContain('2 projects: cars, rides');
    const views = await readFeastRegistry(two, { ...selecting(['stats']), project: 'cars' });
    expect(Object.keys(views)).toEqual(['cars/stats']);
  });

  const invalid = async (bytes: Uint8Array, selection = selecting(['stats'])) =>
    failure(readFeastRegistry(bytes, selection));
  const withView = (view: FeastViewFacts) => feastRegistry({ ...facts, views: [view] });
  it.each([
    ['another schema version', feastRegistry({ ...facts, schemaVersion: '2' }), 'has schema version 2; this version'],
    ['no schema version', block(6, word(1, 'a')), 'it names no schema version'],
    ['no view', feastRegistry({}), 'it has no feature view'],
    ['SQLite', new TextEncoder().encode('SQLite format 3\0 and more'), 'this is a SQLite database'],
    ['no bytes', new Uint8Array(), 'it names no schema version'],
    ['a text', new TextEncoder().encode('project: rides\n'), 'not a sound registry file'],
    ['a cut', feastRegistry(facts).slice(0, 150), 'reaches beyond the end'],
    [
      'a view twice',
      joined(feastRegistry(facts), feastRegistry({ ...facts, entities: [] })),
      'it has two feature views stats',
    ],
    ['a column twice', withView({ ...stats, more: [block(4, word(1, 'rate'))] }), 'two columns rate'],
    ['a name of control characters', withView({ ...stats, features: { 'a\u001b[2J': 4 } }), 'is no name'],
    ['the name of a prototype', withView({ ...stats, more: [block(4, word(1, '__proto__'))] }), 'is no name'],
    ['a name of 300 characters', withView({ ...stats, features: { ['a'.repeat(300)]: 4 } }), 'is no name'],
    ['a name without UTF-8', withView({ ...stats, more: [block(4, block(1, new Uint8Array([0xff])))] }), 'not UTF-8'],
    ['a number for a text', withView({ ...stats, more: [integer(4, 7)] }), 'is a number where'],
  ])('with %s is refused', async (_what, bytes, message) => {
    expect((await invalid(bytes)).message).toContain(message);
  });

  it('with views that read one another a thousand times deep is refused', async () => {
    let nested: Uint8Array = block(14, word(1, 'a'));
    for (let depth = 0; depth < 1_000; depth += 1) nested = block(14, word(1, 'a'), nested);
    expect((await invalid(withView({ ...stats, more: [nested] }))).message).toContain('nested');
  });

  it('whatever its bytes are, ends in views or in one of our errors', async () => {
    const sound = feastRegistry(facts);
    const mutated = fc
      .array(fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255) }), { minLength: 1, maxLength: 6 })
      .map((edits) => {
        const bytes = sound.slice();
        for (const { at, byte } of edits) bytes[at] = byte;
        return bytes;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
        const outcome: unknown = await readFeastRegistry(bytes, whole).catch((thrown: unknown) => thrown);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(PlimsollError);
      }),
      { numRuns: 1_000 },
    );
  });
});
