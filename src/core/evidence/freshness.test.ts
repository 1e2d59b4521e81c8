import { describe, expect, it } from 'vitest';
import { buildEvidence, digest } from '../../testing/builders/evidence-builders.ts';
import { freshness, type FreshnessQuestion } from './freshness.ts';
import { digestOfMeasured } from './sighting.ts';

const present = {
  'golden-set': digest('golden set'),
  code: digest('code'),
  model: digest('model'),
  runtime: digest('runtime'),
  'device-classes': digest('cpu'),
};
const dayMs = 86_400_000;
const ask = (changes: Partial<FreshnessQuestion> = {}) =>
  freshness({
    kind: 'golden',
    evidence: buildEvidence('golden', present),
    present,
    invalidations: [],
    nowMs: 1_000_000 + dayMs,
    ...changes,
  });

describe('freshness', () => {
  it('is missing when nothing was measured', () => {
    expect(ask({ evidence: undefined })).toMatchObject({ freshness: 'missing' });
  });

  it('is fresh while every subject is what it was', () => {
    expect(ask()).toEqual({ freshness: 'fresh', reasons: [] });
  });

  it('names the subject that moved, from what to what', () => {
    const answer = ask({ present: { ...present, model: digest('other model') } });
    const [from, to] = [digest('model').slice(7, 19), digest('other model').slice(7, 19)];
    expect(answer).toEqual({ freshness: 'stale', reasons: [`model moved: ${from} -> ${to}`] });
  });

  it('names every subject that moved', () => {
    const answer = ask({ present: { ...present, model: digest('a'), runtime: digest('b') } });
    expect(answer.reasons).toHaveLength(2);
  });

  it('is stale when a subject is no longer pinned, also if it never was', () => {
    const { model: _model, ...without } = present;
    expect(ask({ present: without })).toMatchObject({ freshness: 'stale', reasons: ['model is not pinned'] });
    expect(ask({ present: without, evidence: buildEvidence('golden', without) }).freshness).toBe('stale');
  });

  it('is not helped by a lock whose subjects were emptied by hand', () => {
    expect(ask({ evidence: buildEvidence('golden', present, { subjects: {} }) }).freshness).toBe('stale');
  });

  it('of golden evidence is of the code that earlier versions named among the measurements', () => {
    const { code: _, ...subjects } = present;
    const earlier = (code?: unknown) => {
      const evidence = buildEvidence('golden', present, { subjects });
      return ask({ evidence: { ...evidence, measurements: { ...evidence.measurements, code } } });
    };
    expect(earlier(digest('code'))).toEqual({ freshness: 'fresh', reasons: [] });
    expect(earlier(digest('other code')).reasons).toEqual([expect.stringMatching(/^code moved: /)]);
    for (const code of [undefined, 'main'])
      expect(earlier(code).reasons).toEqual(['it does not say of which code it was measured']);
  });

  it('is stale when it was measured of something that this version does not know', () => {
    const subjects = { ...buildEvidence('golden', present).subjects, moon: digest('phase') };
    expect(ask({ evidence: buildEvidence('golden', present, { subjects }) }).reasons[0]).toContain('moon');
  });

  it('ends with maxAge, and not a millisecond sooner', () => {
    expect(ask({ maxAgeMs: dayMs }).freshness).toBe('fresh');
    expect(ask({ maxAgeMs: dayMs - 1 })).toMatchObject({ freshness: 'stale' });
    expect(ask({ nowMs: 1_000_000 + 10_000 * dayMs }).freshness).toBe('fresh');
  });

  it('is not lengthened by a date in the future, and forgives clocks that differ', () => {
    expect(ask({ nowMs: 1_000_000 - dayMs + 1 }).freshness).toBe('fresh');
    expect(ask({ nowMs: 1_000_000 - dayMs - 1 }).freshness).toBe('stale');
  });

  it('is ended by an invalidation of this kind recorded after measuring, with its remedy', () => {
    const invalidation = {
      environment: 'prod',
      reason: 'driver 550 -> 560',
      remedy: 'plimsoll golden record',
      atMs: 2_000_000,
    };
    const answer = ask({ invalidations: [{ kind: 'golden', ...invalidation }] });
    expect(answer).toMatchObject({ freshness: 'stale', remedy: 'plimsoll golden record' });
    expect(answer.reasons[0]).toContain('driver 550 -> 560');
    expect(ask({ invalidations: [{ kind: 'evaluation', ...invalidation }] }).freshness).toBe('fresh');
    expect(ask({ invalidations: [{ kind: 'golden', ...invalidation, atMs: 999_999 }] }).freshness).toBe('fresh');
  });

  it.each([
    // Measured at 1,000 s by the clock of whoever measures; invalidated at 2,000 s by the clock of the store.
    { what: 'measured and received before', measured: 1_000, received: 1_500, expected: 'stale' },
    { what: 'measured and received after', measured: 2_100, received: 2_200, expected: 'fresh' },
    {
      what: 'measured after, and received while the clock was set back',
      measured: 2_100,
      received: 900,
      expected: 'stale',
    },
    {
      what: 'received after, and measured by a clock that is behind',
      measured: 1_900,
      received: 2_200,
      expected: 'stale',
    },
    { what: 'measured and received in the millisecond of it', measured: 2_000, received: 2_000, expected: 'stale' },
  ])('after an invalidation is $expected when it was $what', ({ measured, received, expected }) => {
    const invalidation = { environment: 'prod', reason: 'driver 550 -> 560', remedy: 'plimsoll golden record' };
    const evidence = { ...buildEvidence('golden', present), measuredAtMs: measured * 1_000 };
    const invalidations = [{ kind: 'golden', ...invalidation, atMs: 2_000_000 } as const];
    expect(ask({ evidence, firstSeenAtMs: received * 1_000, invalidations }).freshness).toBe(expected);
  });

  it.each([
    // Measured at 1,000 s. Milliseconds of the invalidation; whose it is.
    { what: 'it is named, by a clock that was set back', atMs: 1, names: 'this', expected: 'stale' },
    { what: 'it is named, by a clock that is ahead', atMs: 9e12, names: 'this', expected: 'stale' },
    { what: 'another piece is named, before it was measured', atMs: 1, names: 'other', expected: 'fresh' },
    { what: 'another piece is named while it was there', atMs: 2_000_000, names: 'other', expected: 'stale' },
    { what: 'no piece is named, before it was measured', atMs: 1, names: 'none', expected: 'fresh' },
    { what: 'no piece is named while it was there', atMs: 2_000_000, names: 'none', expected: 'stale' },
  ] as const)('is $expected where $what', ({ atMs, names, expected }) => {
    const evidence = buildEvidence('golden', present);
    const other = buildEvidence('golden', { ...present, model: digest('other') });
    const named = { this: digestOfMeasured(evidence), other: digestOfMeasured(other), none: null }[names];
    const found = { environment: 'prod', reason: 'driver 550 -> 560', remedy: 'plimsoll golden record', atMs };
    const invalidations = [{ kind: 'golden' as const, ...found, ...(named === null ? {} : { evidence: named }) }];
    expect(ask({ evidence, invalidations })).toMatchObject({ freshness: expected });
    // The same measurement with another date is the same measurement.
    const dated = { ...evidence, measuredAtMs: evidence.measuredAtMs + 500 };
    expect(ask({ evidence: dated, invalidations }).freshness).toBe(expected);
  });

  it('is not ended by an invalidation of another kind that names its digest', () => {
    const evidence = buildEvidence('golden', present);
    const found = {
      environment: 'prod',
      reason: 'x',
      remedy: 'y',
      atMs: 2_000_000,
      evidence: digestOfMeasured(evidence),
    };
    expect(ask({ evidence, invalidations: [{ kind: 'evaluation', ...found }] }).freshness).toBe('fresh');
  });

  it('is stale when a kind that it builds on is', () => {
    const subjects = { 'evidence.cold-start': digest('cold'), 'evidence.capacity': digest('capacity') };
    const evidence = buildEvidence('scaling', subjects);
    const scaling = { kind: 'scaling', evidence, present: subjects } as const;
    expect(ask(scaling).freshness).toBe('fresh');
    expect(ask({ ...scaling, dependencies: { 'cold-start': 'fresh', capacity: 'stale' } }).reasons[0]).toContain(
      'capacity',
    );
    expect(ask({ ...scaling, dependencies: { 'cold-start': 'missing' } }).freshness).toBe('stale');
    const measuredAnew = { ...subjects, 'evidence.capacity': digest('measured again') };
    expect(ask({ ...scaling, present: measuredAnew }).reasons[0]).toContain('evidence.capacity moved');
  });

  it('of a rollback ends only when the previous version is gone', () => {
    const evidence = buildEvidence('rollback', { 'previous-model': digest('v1') });
    const rollback = { kind: 'rollback', evidence } as const;
    expect(ask({ ...rollback, present: { 'previous-model': digest('v2') } }).freshness).toBe('fresh');
    expect(ask({ ...rollback, present: {} })).toMatchObject({ freshness: 'stale' });
  });
});
