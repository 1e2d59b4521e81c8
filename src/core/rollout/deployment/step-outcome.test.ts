import { describe, expect, it } from 'vitest';
import { effectiveRollout } from '../../contract/defaults.ts';
import type { OnInconclusive } from '../../contract/contract.ts';
import { aCode, aModel, aRelease } from '../../../testing/builders/rollout-builders.ts';
import { beginStep, judgedSteps, shadowStep, stepAfter, stepPolicy, whyNoSteps } from '../judge/canary-step.ts';
import type { CanaryJudgement, CanaryOutcome, CanaryRecord, MetricJudgement } from '../judge/canary.ts';
import { barsOf } from './deployment-transition.ts';
import { decideStep } from './step-outcome.ts';

const { judge } = effectiveRollout({});
const who = { by: 'ada', atMs: 5, reason: 'seen' };
const enough = { outcome: 'flip', reason: '1 of 1' } as const;
const release = aRelease(2, { steps: [0.05, 0.5, 1] });
const begun: CanaryRecord = { ...beginStep(release, 1, 0, 0), revision: 1 };

function judged(outcome: CanaryOutcome, metrics: readonly Partial<MetricJudgement>[] = []): CanaryJudgement {
  return {
    outcome,
    atMs: 0,
    elapsedMs: judge.atLeastMs,
    metrics: metrics as readonly MetricJudgement[],
    coldUnits: { live: 0, canary: 0 },
    reasons: [`says ${outcome}`],
  };
}
const decide = (
  over: Partial<CanaryRecord>,
  replicas: Parameters<typeof decideStep>[0] = enough,
  then: OnInconclusive = 'hold',
) =>
  decideStep(
    replicas,
    { ...begun, ...over },
    { ...release, canary: { shadowShare: 0, judge: { ...judge, onInconclusive: then } } },
  );

describe('a step', () => {
  it.each([
    ['promote', 'promote'],
    ['hold', 'wait'],
    ['roll-back', 'fail'],
    ['inconclusive', 'wait'],
  ] as const)('that the judge says %s of: %s', (outcome, then) => {
    expect(decide({ judgement: judged(outcome) }).outcome).toBe(then);
  });

  it('that is inconclusive does what the contract says', () => {
    const judgement = judged('inconclusive');
    expect(decide({ judgement }, enough, 'roll-back')).toMatchObject({ outcome: 'fail', judged: true });
    expect(decide({ judgement }, enough, 'promote')).toMatchObject({ outcome: 'promote', by: null });
  });

  it.each(['hold', 'roll-back', 'promote'] as const)(
    'that misses hold waits, also where an end without proof is to %s',
    (then) => {
      for (const outcome of ['promote', 'hold', 'inconclusive'] as const) {
        const judgement = { ...judged(outcome, [{ outcome: 'promote', metric: 'errors' }]), held: 'too many misses' };
        expect(decide({ judgement }, enough, then)).toEqual({ outcome: 'wait', reason: 'held: too many misses' });
      }
      const judgement = { ...judged('roll-back'), held: 'too many misses' };
      expect(decide({ judgement }, enough, then).outcome).toBe('fail');
      expect(decide({ promote: who }, enough, then).outcome).toBe('promote');
    },
  );

  it('that stands paused is not promoted by the judge, is by hand, and goes back all the same', () => {
    expect(decide({ pause: who, judgement: judged('promote') }).outcome).toBe('wait');
    expect(decide({ pause: who, promote: who })).toMatchObject({ outcome: 'promote', by: 'ada' });
    expect(decide({ pause: who, promote: who, judgement: judged('roll-back') }).outcome).toBe('fail');
  });

  it('waits for its replicas, and fails as they fail', () => {
    const few = { outcome: 'wait', reason: '0 of 1' } as const;
    expect(decide({ promote: who, judgement: judged('promote') }, few).outcome).toBe('wait');
    expect(decide({ judgement: judged('roll-back') }, few).outcome).toBe('fail');
    expect(decide({}, { outcome: 'fail', reason: 'golden' })).toEqual({
      outcome: 'fail',
      reason: 'golden',
      judged: false,
    });
  });

  it('is not held up by labels of which none has arrived, and is by some', () => {
    const errors = { metric: 'errors', outcome: 'promote', units: { live: 9, canary: 9 }, reason: 'e' } as const;
    const labels = (live: number) =>
      ({ metric: 'labels', outcome: 'hold', units: { live, canary: 0 }, reason: 'l' }) as const;
    expect(decide({ judgement: judged('hold', [errors, labels(0)]) }).outcome).toBe('promote');
    expect(decide({ judgement: judged('hold', [errors, labels(1)]) }).outcome).toBe('wait');
    expect(decide({ judgement: judged('hold', [errors]) }).outcome).toBe('wait');
    const early = { ...judged('hold', [errors, labels(0)]), elapsedMs: judge.atLeastMs - 1 };
    expect(decide({ judgement: early }).outcome).toBe('wait');
  });
});

describe('which steps are taken', () => {
  const shadowed = { ...release, canary: { shadowShare: 0.1, judge } };
  it('the shadow first, then each share below all', () => {
    expect(judgedSteps(release)).toEqual([0, 1]);
    expect(judgedSteps(shadowed)).toEqual([shadowStep, 0, 1]);
    expect([shadowStep, 0, 1].map((step) => stepAfter(shadowed, step))).toEqual([0, 1, null]);
  });

  it('alpha is split over all of them, and agreement is judged in the shadow alone', () => {
    expect(stepPolicy(shadowed, shadowStep)).toMatchObject({ steps: 3, metrics: ['errors', 'latency', 'agreement'] });
    expect(stepPolicy(shadowed, 1)).toMatchObject({ steps: 3, metrics: ['errors', 'latency'] });
    const labelled = { ...release, canary: { shadowShare: 0, judge: { ...judge, labelMarginShare: 0.02 } } };
    expect(stepPolicy(labelled, 0)).toMatchObject({ metrics: ['errors', 'latency', 'labels'], labelMarginShare: 0.02 });
  });

  it('none by a rollback, without a live release, of the live pair and where none is written', () => {
    const live = aRelease(1);
    expect(whyNoSteps(release, live)).toBeNull();
    const cause = { kind: 'rollback', axis: 'model', from: 1, to: 1, reason: 'r' } as const;
    expect(whyNoSteps({ ...release, cause }, live)).toContain('rollback');
    expect(whyNoSteps(release, null)).toContain('no release is live');
    expect(whyNoSteps(release, release)).toContain('pair of live release');
    expect(whyNoSteps(aRelease(3), live)).toContain('no step');
  });
});

describe('what is barred when the judge rolls back', () => {
  const live = aRelease(1, { code: aCode('a'), model: aModel(1) });
  it.each([
    ['a', 2, ['model']],
    ['b', 1, ['code']],
    ['b', 2, ['code', 'model']],
    ['a', 1, []],
  ] as const)('code %s with model %i: %j', (code, model, axes) => {
    const incoming = aRelease(2, { code: aCode(code), model: aModel(model) });
    expect(barsOf(incoming, live, 'r').map(({ axis }) => axis)).toEqual(axes);
  });
});
