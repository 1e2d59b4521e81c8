import { describe, expect, it } from 'vitest';
import type { Cause, NamedAnswer, Sign, TriageAnswer } from './answer.ts';
import { countLook, isLookDue, looksAtMost, reviewAnswer } from './look-again.ts';

const minuteMs = 60_000;
const cause = (of: Cause, replicas: readonly string[] = []) => ({
  ...{ cause: of, replicas, evidence: [`${of} is proven`], remedy: { what: 'mend it', command: 'plimsoll status' } },
});
const names = (signs: readonly Sign[], ...causes: readonly NamedAnswer['causes'][number][]): NamedAnswer => ({
  ...{ verdict: 'named', causes, signs },
});
const decides = [{ observation: 'more labels', command: null }];
const abstains = (...signs: readonly Sign[]): TriageAnswer => ({ verdict: 'abstains', why: 'x', decides, signs });
const nothing: TriageAnswer = { verdict: 'nothing', signs: [] };

const node = names(['golden-fails'], cause('node', ['r1']));
const data = names(['inputs-moved'], cause('data'));
const quiet = {
  replicas: { verdict: 'none', rows: 900, neededRows: 500 },
  inputs: { verdict: 'unknown', features: [] },
  quality: { verdict: 'unknown' },
} as const;
const causesOf = (answer: TriageAnswer): readonly Cause[] =>
  answer.verdict === 'named' ? answer.causes.map((each) => each.cause) : [];

describe('an alarm is looked at', () => {
  it('each time until a cause is named, then 2, 4, 8, ... minutes after the look before, seven times', () => {
    expect(isLookDue({}, 0, 0)).toBe(true);
    expect(isLookDue({ diagnosis: abstains() }, 0, 0)).toBe(true);
    let standing = { diagnosis: data as TriageAnswer, looks: countLook({ diagnosis: abstains() }, data, 0) ?? never() };
    const looked: number[] = [];
    for (let atMs = 0; atMs < 24 * 60 * minuteMs; atMs += minuteMs) {
      if (!isLookDue(standing, 0, atMs)) continue;
      looked.push(atMs / minuteMs);
      standing = { diagnosis: data, looks: countLook(standing, data, atMs) ?? never() };
    }
    expect(looked).toEqual([2, 6, 14, 30, 62, 126, 254]);
    expect(looked).toHaveLength(looksAtMost);
  });

  it('at once where another alarm was raised since, but no more than seven times', () => {
    const looks = { times: 3, atMs: 1_000 };
    expect(isLookDue({ diagnosis: data, looks }, 999, 2_000)).toBe(false);
    expect(isLookDue({ diagnosis: data, looks }, 1_500, 2_000)).toBe(true);
    expect(isLookDue({ diagnosis: data, looks: { times: looksAtMost, atMs: 0 } }, 1_500, 1e12)).toBe(false);
  });

  it('also where the clock stepped back, and once where an earlier version named the cause', () => {
    expect(isLookDue({ diagnosis: data, looks: { times: 1, atMs: 9e12 } }, 0, 1_000)).toBe(true);
    expect(isLookDue({ diagnosis: data }, 0, 1_000)).toBe(true);
    expect(countLook({ diagnosis: data }, data, 1_000)).toEqual({ times: 1, atMs: 1_000 });
    expect(countLook({ diagnosis: data }, abstains(), 1_000)).toBeUndefined();
  });
});

describe('after another look', () => {
  it.each<[string, TriageAnswer | undefined, TriageAnswer, readonly Cause[]]>([
    ['what was not looked at before is what is seen', undefined, data, ['data']],
    ['a cause takes the place of none', abstains('golden-fails'), node, ['node']],
    ['a second cause stands beside the first', node, data, ['node', 'data']],
    [
      'both that are seen now are named',
      node,
      names(['golden-fails'], cause('node', ['r1']), cause('data')),
      ['node', 'data'],
    ],
    ['a fault that passed stays named', node, nothing, ['node']],
    ['what is not known any more stays named', node, abstains(), ['node']],
  ])('%s', (_what, before, now, causes) => {
    expect(causesOf(reviewAnswer(before, now, quiet))).toEqual(causes);
  });

  it.each([
    ['the random share names another replica', node, { replicas: { verdict: 'named', arm: 'r2', rows: 900 } }],
    ['inputs are as evaluated', data, { inputs: { verdict: 'stable', features: [] } }],
    ['quality held', names(['quality-fell'], cause('concept')), { quality: { verdict: 'held' } }],
  ] as const)('a cause is taken back where another is named and %s', (_what, before, seen) => {
    const routing = names(['traffic-differs'], cause('routing'));
    expect(causesOf(reviewAnswer(before, routing, { ...quiet, ...seen }))).toEqual(['routing']);
    // Without another cause it stays: what passed is no contradiction.
    expect(reviewAnswer(before, nothing, { ...quiet, ...seen })).toBe(before);
  });

  it('a replica that the random share names too is no contradiction', () => {
    const seen = { ...quiet, replicas: { verdict: 'named', arm: 'r1', rows: 900 } } as const;
    expect(causesOf(reviewAnswer(node, data, seen))).toEqual(['node', 'data']);
  });

  it('signs that the first cause does not explain stand besides, with what would decide', () => {
    expect(reviewAnswer(node, abstains('golden-fails', 'inputs-moved'), quiet)).toEqual({
      ...node,
      besides: { why: 'the inputs moved; no cause of this is proven', decides },
    });
    // A node makes answers and quality worse, so that these say nothing new.
    expect(reviewAnswer(node, abstains('outputs-moved', 'quality-fell'), quiet)).toBe(node);
  });

  it('what a second cause hides is not told where the first look saw it', () => {
    const besides = { why: 'inputs changed, by a distance that is not known: amount', decides };
    const hiding = { ...names(['files-differ'], cause('artifact')), besides };
    expect(reviewAnswer(node, hiding, quiet)).toMatchObject({ besides });
    expect(reviewAnswer(data, hiding, quiet)).not.toHaveProperty('besides');
  });

  it('an answer that is given again and again stays the same', () => {
    const once = reviewAnswer(node, data, quiet);
    expect(reviewAnswer(once, data, quiet)).toEqual(once);
  });
});

function never(): never {
  throw new Error('a named cause is counted');
}
