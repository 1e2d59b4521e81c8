import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../units/digest.ts';
import { judgeRollback, type RollbackMeasurements } from './rollback-evidence.ts';

const drill: RollbackMeasurements = {
  model: 'digits',
  from: { version: 2, digest: digestOf('two'), files: [digestOf('two.onnx')] },
  to: { version: 1, digest: digestOf('one'), files: [digestOf('one.onnx')] },
  warm: true,
  thereMs: 210,
  backMs: 190,
  goldenCases: 64,
  goldenReproduced: 64,
  answered: 900,
  failed: 0,
};
const judged = (changes: Partial<Record<keyof RollbackMeasurements, unknown>>) =>
  judgeRollback({ ...drill, ...changes });

describe('rollback evidence', () => {
  it('passes with both times, every golden case and no failed request', () => {
    expect(judged({})).toEqual({
      verdict: 'pass',
      reasons: ['version 2 -> 1 in 0.21 s, back in 0.19 s, 64 of 64 golden cases reproduced, no request failed'],
    });
    expect(judged({ warm: false }).reasons[0]).toContain('with a start in it');
  });

  it.each([
    ['never arrived', { thereMs: null }, 'fail', 'never reached version 1'],
    ['did not come back', { backMs: null }, 'fail', 'did not come back to version 2'],
    ['lost a golden case', { goldenReproduced: 63 }, 'fail', 'only 63 of 64'],
    ['failed a request', { failed: 1 }, 'fail', '1 requests failed'],
    ['had no golden set', { goldenCases: 0, goldenReproduced: 0 }, 'inconclusive', 'no golden set'],
    ['was not counted', { answered: null, failed: null }, 'pass', 'failures not counted'],
    ['says nothing', { to: undefined }, 'unknown', 'does not say'],
    ['reproduced more than there was', { goldenReproduced: 65 }, 'unknown', 'does not say'],
    ['has a negative time', { thereMs: -1 }, 'unknown', 'does not say'],
  ])('of a drill that %s', (_name, changes, verdict, reason) => {
    const judgement = judged(changes);
    expect(judgement.verdict).toBe(verdict);
    expect(judgement.reasons.join('; ')).toContain(reason);
  });
});
