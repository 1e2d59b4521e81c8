import { describe, expect, it } from 'vitest';
import { buildEvidence, buildLockedEnvironment, digest } from '../../../testing/builders/evidence-builders.ts';
import { loadContract, minimalContract } from '../../../testing/builders/contract-texts.ts';
import { freshness } from '../freshness.ts';
import { pinDifferences } from '../lock/pin-differences.ts';
import { presentFeatures, presentSubjects, readPresent, type PresentFacts } from '../present-subjects.ts';
import { featureChanges } from './feature-changes.ts';
import { featureViewName, type FeatureSources, type FeatureView } from './feature-view.ts';
import { readFeatureSources } from './read-feature-sources.ts';

const view = (features: Readonly<Record<string, string>>): FeatureView => ({
  ...{ kind: 'batch', entities: { id: 'INT64' }, sources: { s: digest('s') }, ttlSeconds: 60, rest: digest('rest') },
  features,
});
const before: FeatureSources = { files: { 'a.sql': digest('a') }, views: { 'rides/stats': view({ rate: 'FLOAT' }) } };
const after: FeatureSources = { ...before, views: { 'rides/stats': view({ rate: 'DOUBLE' }) } };

const list = '[{ path: a.sql }, { feast: { registry: r.db, featureViews: [stats] } }]';
const loaded = loadContract(`${minimalContract}features: ${list}\n`);
const locked = buildLockedEnvironment({ features: before.files, featureViews: before.views });
const facts = (changes: Partial<PresentFacts> = {}): PresentFacts => ({
  ...{ loaded, locked, codeDigest: null, pricesDigest: null, ruleTables: null, deviceClasses: null },
  ...changes,
});

describe('what computes features', () => {
  it('is a subject of its own for files and for views, as it is now', () => {
    const pinned = presentSubjects(facts());
    expect(pinned['features']).toBeDefined();
    expect(pinned['feature-views']).toBeDefined();
    const moved = presentSubjects(facts({ featureFiles: { 'a.sql': digest('b') }, featureViews: after.views }));
    expect(moved['features']).not.toBe(pinned['features']);
    expect(moved['feature-views']).not.toBe(pinned['feature-views']);
    const bare = presentSubjects(facts({ loaded: loadContract(minimalContract) }));
    expect([bare['features'], bare['feature-views']]).toEqual([undefined, undefined]);
  });

  it('is unknown where the registry cannot be read, and where the lock does not pin what the contract names', () => {
    const unread = readPresent(facts({ featureViews: { unreadable: 'no registry' } }));
    expect(unread.unknown).toEqual({ 'feature-views': 'no registry' });
    expect(unread.digests['feature-views']).toBeUndefined();
    const unpinned = readPresent(facts({ locked: buildLockedEnvironment() }));
    expect(unpinned.unknown).toEqual({ 'feature-views': 'the lock does not pin feature view stats' });
    expect(readPresent(facts()).unknown).toEqual({});
  });

  it('makes evaluation evidence stale, which names the view and what changed', () => {
    const measured = presentSubjects(facts());
    const evidence = buildEvidence('evaluation', measured, { measurements: { featureSources: before } });
    const now = facts({ featureViews: after.views });
    const ask = (of: typeof evidence) =>
      freshness({
        ...{ kind: 'evaluation', evidence: of, present: presentSubjects(now), features: presentFeatures(now) },
        ...{ invalidations: [], nowMs: of.measuredAtMs },
      }).reasons.filter((reason) => reason.startsWith('feature'));
    expect(ask(evidence)).toEqual([
      expect.stringMatching(
        /^feature-views moved: \w{12} -> \w{12}; feature view stats: feature rate FLOAT -> DOUBLE$/,
      ),
    ]);
    // The words are of what was measured with; the staleness is of the digests alone.
    for (const featureSources of [undefined, 7, { files: [], views: {} }, { files: {}, views: { a: { kind: 'x' } } }]) {
      expect(ask({ ...evidence, measurements: { featureSources } })).toEqual([
        expect.stringMatching(/^feature-views moved: \w{12} -> \w{12}$/),
      ]);
    }
  });

  it('is pinned view by view, with what changed', () => {
    const differences = pinDifferences(locked, { ...locked, features: {}, featureViews: after.views });
    expect(differences.map(({ subject, to }) => [subject, to])).toEqual([
      ['features a.sql', 'gone'],
      ['feature view stats', expect.stringMatching(/^\w{12} \(feature rate FLOAT -> DOUBLE\)$/)],
    ]);
  });

  it('has many changes shortened, and views that came and went', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`f${at}`, 'INT64']));
    const said = featureChanges(before, { files: {}, views: { 'rides/stats': view({ ...many, rate: 'FLOAT' }) } });
    expect(said['features']).toEqual(['file a.sql removed']);
    expect(said['feature-views']?.[0]).toMatch(/feature f0 added \(INT64\), .*, and 14 more$/);
    expect(featureChanges(before, { ...before, views: { 'rides/service/x': view({}) } })['feature-views']).toEqual([
      'feature service x: added',
      'feature view stats: gone',
    ]);
    expect(featureViewName('rides/service')).toBe('feature view service');
  });

  it('is read back from measurements as it was written', () => {
    expect(readFeatureSources({ featureSources: JSON.parse(JSON.stringify(after)) as unknown })).toEqual(after);
    const broken = { ...after, views: { 'rides/stats': { ...view({}), rest: 'x' } } };
    expect(readFeatureSources({ featureSources: broken })).toBeNull();
  });
});
