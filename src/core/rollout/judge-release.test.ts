import { describe, expect, it } from 'vitest';
import type { EvidenceState, Waiver } from '../evidence/lock/lock.ts';
import {
  aCode,
  aModel,
  aRelease,
  goldenOf,
  testEnvironment,
  testService,
} from '../../testing/builders/rollout-builders.ts';
import { judgeRelease, type ReleaseCandidate } from './judge-release.ts';

const nowMs = 1_000;
const fresh: EvidenceState = { kind: 'golden', freshness: 'fresh', verdict: 'pass', reasons: [], available: true };
const candidate: ReleaseCandidate = {
  code: aCode(),
  model: aModel(2),
  golden: goldenOf(2),
  evidence: [fresh],
  waivers: [],
};
const waiver = (kind: Waiver['kind'], untilMs: number): Waiver => ({ kind, reason: 'r', untilMs, by: 'ada', atMs: 0 });
const judge = (over: Partial<ReleaseCandidate>, live = aRelease(1), bars: Parameters<typeof judgeRelease>[2] = []) =>
  judgeRelease({ ...candidate, ...over }, live, bars, nowMs);

const rollback = (freshness: 'missing' | 'stale'): ReleaseCandidate['evidence'][number] => ({
  kind: 'rollback',
  freshness,
  verdict: 'unknown',
  reasons: ['nothing was measured'],
  available: true,
});

describe('a drill of the way back', () => {
  const refusals = (freshness: 'missing' | 'stale', modelsThatServed: number) =>
    judgeRelease({ ...candidate, evidence: [rollback(freshness)] }, null, [], nowMs, modelsThatServed);

  it('is not asked for until two models have served, because none can be done', () => {
    expect(refusals('missing', 0)).toEqual([]);
    expect(refusals('missing', 1)).toEqual([]);
  });

  it('is asked for from then on, and what was drilled counts from the beginning', () => {
    expect(refusals('missing', 2)).toMatchObject([{ code: 'evidence-refused' }]);
    expect(refusals('stale', 1)).toMatchObject([{ code: 'evidence-refused' }]);
  });
});

describe('judging a release', () => {
  it('lets a candidate with fresh and passing evidence through', () => {
    expect(judge({})).toEqual([]);
    expect(judgeRelease(candidate, null, [], nowMs)).toEqual([]);
  });

  it.each([
    [
      'stale',
      { freshness: 'stale', verdict: 'unknown', reasons: ['model moved'] },
      'golden evidence is stale: model moved',
    ],
    ['missing', { freshness: 'missing', verdict: 'unknown' }, 'golden evidence is missing'],
    ['failing', { verdict: 'fail' }, 'golden evidence is fail'],
    ['inconclusive', { verdict: 'inconclusive' }, 'golden evidence is inconclusive'],
    ['unknown', { verdict: 'unknown' }, 'golden evidence is unknown'],
  ] as const)('refuses %s evidence, once', (_what, over, message) => {
    const refusals = judge({ evidence: [{ ...fresh, ...over }], golden: null });
    expect(refusals.map((refusal) => refusal.message)).toEqual([message]);
  });

  it('names the waiver where nobody sees the nodes that evidence is of, and what renews it elsewhere', () => {
    const renew = 'plimsoll golden record';
    const nextOf = (knownBy: 'nodes' | 'bundle', unknown?: string) =>
      judge({
        evidence: [
          {
            ...{ ...fresh, freshness: 'unknown', verdict: 'unknown', renew },
            subjects: [
              {
                subject: 'runtime',
                knownBy,
                measured: null,
                present: null,
                ...(unknown === undefined ? {} : { unknown }),
              },
            ],
          },
        ],
      })[0]?.next;
    expect(nextOf('nodes', 'no node is read')).toBe('plimsoll release --waive golden --reason TEXT --until 7d');
    expect(nextOf('nodes')).toBe(renew);
    expect(nextOf('bundle', 'it cannot be read')).toBe(renew);
  });

  it.each([[[]], [[{ ...fresh, freshness: 'missing', verdict: 'unknown', renew: 'plimsoll golden record' } as const]]])(
    'asks for no golden outputs of a protocol that has none: what is suggested ends it (%#)',
    (evidence: EvidenceState[]) => {
      const code = { ...candidate.code, section: { ...candidate.code.section, protocol: 'openai' as const } };
      expect(judge({ code, golden: null, evidence })[0]?.next).toMatch(/^plimsoll release --waive golden /);
      expect(judge({ code, golden: null, evidence, waivers: [waiver('golden', nowMs + 1)] })).toEqual([]);
    },
  );

  it('asks for no evidence that the contract does not ask for', () => {
    expect(
      judge({ evidence: [fresh, { ...fresh, kind: 'cost', freshness: 'not-asked', verdict: 'unknown' }] }),
    ).toEqual([]);
  });

  it('refuses a release without golden outputs even when the contract asks for none', () => {
    const evidence: EvidenceState[] = [{ ...fresh, freshness: 'not-asked', verdict: 'unknown' }];
    expect(judge({ golden: null, evidence })).toMatchObject([{ code: 'golden-missing' }]);
    expect(judge({ golden: null, evidence, waivers: [waiver('golden', nowMs + 1)] })).toEqual([]);
  });

  it('takes a waiver until its time is over, and for its kind only', () => {
    const evidence: EvidenceState[] = [{ ...fresh, freshness: 'stale', verdict: 'unknown' }];
    expect(judge({ evidence, waivers: [waiver('golden', nowMs + 1)] })).toEqual([]);
    expect(judge({ evidence, waivers: [waiver('golden', nowMs)] })).toHaveLength(1);
    expect(judge({ evidence, waivers: [waiver('cost', nowMs + 1)] })).toHaveLength(1);
  });

  it('lets a measured failure through on a waiver of failures alone, and names the way out', () => {
    const evidence: EvidenceState[] = [{ ...fresh, kind: 'evaluation', verdict: 'fail', renew: 'plimsoll evaluate' }];
    const ordinary = waiver('evaluation', nowMs + 1);
    const ofFailure: Waiver = { ...ordinary, failing: true };
    expect(judge({ evidence })).toMatchObject([
      {
        code: 'evidence-refused',
        message: 'evaluation evidence is fail',
        next: 'mend what fails, then plimsoll evaluate; as a last resort plimsoll release --waive-failing evaluation --reason TEXT --until 7d',
      },
    ]);
    expect(judge({ evidence, waivers: [ordinary] })).toMatchObject([
      { message: 'evaluation evidence is fail; the waiver of ada does not cover what was measured and fails' },
    ]);
    expect(judge({ evidence, waivers: [ofFailure] })).toEqual([]);
    expect(judge({ evidence, waivers: [{ ...ofFailure, untilMs: nowMs }] })).toHaveLength(1);
  });

  it('takes a waiver of failures for nothing else', () => {
    const ofFailure: Waiver = { ...waiver('golden', nowMs + 1), failing: true };
    for (const over of [{ freshness: 'stale' }, { verdict: 'inconclusive' }, { verdict: 'unknown' }] as const)
      expect(judge({ evidence: [{ ...fresh, ...over }], waivers: [ofFailure] })).toMatchObject([
        { message: expect.stringContaining('the waiver of ada is for evidence that fails, and this does not fail') },
      ]);
    expect(judge({ golden: null, evidence: [], waivers: [ofFailure] })).toMatchObject([{ code: 'golden-missing' }]);
  });

  it('refuses a barred digest on its axis, and says how to lift the bar', () => {
    const bar = { service: testService, environment: testEnvironment, reason: 'slow', by: 'ada', atMs: 0 };
    const refusals = judge({}, aRelease(1), [
      { ...bar, axis: 'model', digest: candidate.model.digest },
      { ...bar, axis: 'model', digest: candidate.code.digest },
    ]);
    expect(refusals).toMatchObject([{ code: 'barred', next: expect.stringContaining('--lift-bar model:') }]);
    expect(refusals[0]?.message).toContain('slow (ada)');
  });

  it('refuses a model that clients of the live one could not go on with', () => {
    const model = {
      ...aModel(2),
      signature: { inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 4] }], outputs: [] },
    };
    expect(judge({ model })).toMatchObject([{ code: 'signature-incompatible' }]);
    expect(judge({ model: { ...model, signature: null } })).toEqual([]);
    expect(judgeRelease({ ...candidate, model }, null, [], nowMs)).toEqual([]);
  });

  it('holds the model to code.signature, where unknown is no pass', () => {
    const fits = candidate.model.signature!;
    const asking = (signature: typeof fits) => ({
      ...candidate.code,
      section: { ...candidate.code.section, signature },
    });
    const odd = { ...fits, outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 10] }] };
    expect(judge({ code: asking(fits) })).toEqual([]);
    expect(judge({ code: asking(odd) })).toMatchObject([{ code: 'signature-unfit' }]);
    const silent = { ...candidate.model, signature: null };
    expect(judge({ code: asking(fits), model: silent })).toMatchObject([{ code: 'signature-unknown' }]);
    const waivers = [waiver('golden', nowMs + 1)];
    expect(judge({ code: asking(odd), waivers })).toHaveLength(1);
  });

  it('gives every reason, not only the first', () => {
    expect(judge({ golden: null, evidence: [{ ...fresh, kind: 'cost', freshness: 'stale' }] })).toHaveLength(2);
  });
});
