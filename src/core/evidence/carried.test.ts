import { describe, expect, it } from 'vitest';
import { buildEvidence, digest } from '../../testing/builders/evidence-builders.ts';
import { loadContract } from '../../testing/builders/contract-texts.ts';
import { freshnessTable } from './evidence-table.ts';
import { freshness, type FreshnessQuestion } from './freshness.ts';
import { reproducedSets } from './kinds/golden/golden-evidence.ts';
import type { Evidence } from './lock/lock.ts';

const here = {
  code: digest('code'),
  model: digest('model'),
  dataset: digest('holdout'),
  'evaluation-question': digest('question'),
  runtime: digest('runtime'),
  'device-classes': digest('cpu'),
  'golden-set': digest('golden data'),
};
const there = { ...here, runtime: digest('another runtime'), 'device-classes': digest('gpu') };
const evaluatedSet = digest('set of here');

const evaluation = (measurements: Record<string, unknown> = { golden: evaluatedSet }): Evidence =>
  buildEvidence('evaluation', here, { measurements });
const goldenThere = (changes: Record<string, unknown> = {}): Evidence =>
  buildEvidence('golden', there, {
    measurements: {
      goldenBlob: digest('set of there'),
      cases: 3,
      reproducedCases: 3,
      alsoReproduced: [evaluatedSet],
      ...changes,
    },
  });

const ask = (changes: Partial<FreshnessQuestion> = {}) =>
  freshness({
    kind: 'evaluation',
    evidence: evaluation(),
    present: there,
    invalidations: [],
    nowMs: 2_000_000,
    golden: { freshness: 'fresh', evidence: goldenThere() },
    ...changes,
  });

describe('an evaluation on another runtime or device class', () => {
  it('holds where golden evidence of that place reproduced the very set that was evaluated', () => {
    expect(ask()).toEqual({ freshness: 'fresh', reasons: [] });
    expect(ask({ present: { ...here, 'device-classes': digest('gpu') } }).freshness).toBe('fresh');
  });

  it('holds where the golden set there is the very one of the evaluation', () => {
    const golden = {
      freshness: 'fresh',
      evidence: goldenThere({ goldenBlob: evaluatedSet, alsoReproduced: [] }),
    } as const;
    expect(ask({ golden }).freshness).toBe('fresh');
  });

  it('needs no golden evidence where nothing moved', () => {
    expect(
      freshness({ kind: 'evaluation', evidence: evaluation(), present: here, invalidations: [], nowMs: 2_000_000 }),
    ).toEqual({ freshness: 'fresh', reasons: [] });
  });

  it.each([
    ['there is no golden evidence', { golden: { freshness: 'missing', evidence: undefined } }, 'there is no golden'],
    ['nobody asks for golden evidence', { golden: undefined }, 'there is no golden'],
    ['the golden evidence is stale', { golden: { freshness: 'stale', evidence: goldenThere() } }, 'only stale golden'],
    [
      'the golden evidence fails',
      { golden: { freshness: 'fresh', evidence: goldenThere({ reproducedCases: 2 }) } },
      'did not reproduce',
    ],
    [
      'another set was reproduced',
      { golden: { freshness: 'fresh', evidence: goldenThere({ alsoReproduced: [digest('other')] }) } },
      'did not reproduce',
    ],
    ['the evaluated replica replayed no set', { evidence: evaluation({ golden: null }) }, 'replayed no golden set'],
    ['the lock names a set that is no digest', { evidence: evaluation({ golden: 'all' }) }, 'replayed no golden set'],
  ] as const)('is stale where %s', (_, changes, reason) => {
    const answer = ask(changes as Partial<FreshnessQuestion>);
    expect(answer.freshness).toBe('stale');
    expect(answer.reasons.some((one) => one.startsWith('device-classes moved'))).toBe(true);
    expect(answer.reasons.at(-1)).toContain(reason);
  });

  it.each(['code', 'model', 'dataset', 'evaluation-question'])('is not carried where %s moved as well', (subject) => {
    const answer = ask({ present: { ...there, [subject]: digest('other') } });
    expect(answer.freshness).toBe('stale');
    expect(answer.reasons.some((reason) => reason.startsWith(`${subject} moved`))).toBe(true);
  });

  it('is not carried to a place that nobody knows, nor from one', () => {
    const { runtime: _, ...unpinned } = there;
    expect(ask({ present: unpinned }).reasons).toContain('runtime is not pinned');
    const { runtime: __, ...emptied } = evaluation().subjects;
    expect(ask({ evidence: { ...evaluation(), subjects: emptied } }).freshness).toBe('stale');
  });

  it('still ages, and ends by an invalidation', () => {
    expect(ask({ maxAgeMs: 1 }).freshness).toBe('stale');
    const invalidation = {
      kind: 'evaluation',
      environment: 'prod',
      reason: 'drift',
      remedy: 'look',
      atMs: 1_500_000,
    } as const;
    expect(ask({ invalidations: [invalidation] }).freshness).toBe('stale');
  });

  it('golden evidence of another place or of other code carries nothing in the table', () => {
    const { contract } = loadContract(`apiVersion: plimsoll.dev/v1
service: digits
code: { command: [plimsoll, serve-model] }
model: { name: digits }
monitoring: { golden: digits-golden }
evaluation: { dataset: holdout, gates: [{ metric: accuracy, atLeast: 90% }] }
`);
    const facts = { contract, environment: 'default', waivers: [], invalidations: [], nowMs: 2_000_000 };
    const state = (golden: Evidence) =>
      freshnessTable({ ...facts, present: there, evidence: { evaluation: evaluation(), golden } }).get('evaluation');
    expect(state(goldenThere())?.freshness).toBe('fresh');
    const ofElsewhere = { ...goldenThere(), subjects: buildEvidence('golden', here).subjects };
    expect(state(ofElsewhere)?.freshness).toBe('stale');
    const ofOtherCode = { ...goldenThere(), subjects: { ...goldenThere().subjects, code: digest('other code') } };
    expect(state(ofOtherCode)?.reasons.at(-1)).toContain('only stale golden evidence');
  });
});

describe('what a golden replay reproduced', () => {
  it('is nothing where the evidence does not pass, and only what is a digest', () => {
    expect(reproducedSets(goldenThere({ reproducedCases: 0 }).measurements).size).toBe(0);
    expect([...reproducedSets(goldenThere({ alsoReproduced: ['x', 3] }).measurements)]).toEqual([
      digest('set of there'),
    ]);
  });
});
