import { describe, expect, it } from 'vitest';
import { unknownSignals } from '../../core/scaling/signals.ts';
import type { ScalingView } from '../../schemas/view/view.ts';
import { publishedScale } from './published-scale.ts';

const own = { service: 'chat', environment: 'prod' };
const view: ScalingView = {
  desired: 3,
  ordered: null,
  min: 1,
  max: 8,
  actuator: 'keda',
  policy: 'plimsoll',
  reason: 'why',
  held: null,
  decidedAtMs: 5_000,
  signals: unknownSignals(0),
};

describe('the scale that another autoscaler is told', () => {
  it('is what was decided last, also while the policy is not asked', () => {
    const told = { ...own, desired: 3, current: null, decidedAtMs: 5_000 };
    expect(publishedScale(own, {}, view, null)).toEqual(told);
    expect(publishedScale(own, own, { ...view, held: 'no signals' }, null)).toEqual(told);
  });

  it('is of no other service and of no other environment', () => {
    const error = { code: 'service-unknown', category: 'not-found' };
    expect(() => publishedScale(own, { service: 'digits' }, view, null)).toThrow(expect.objectContaining(error));
    expect(() => publishedScale(own, { environment: 'staging' }, view, null)).toThrow(expect.objectContaining(error));
  });

  it('is out of reach before anything was decided, with why', () => {
    const undecided = { ...view, desired: null, decidedAtMs: null, held: 'no capacity is measured' };
    expect(() => publishedScale(own, {}, undecided, null)).toThrow(
      expect.objectContaining({ code: 'scale-undecided', message: expect.stringContaining('no capacity is measured') }),
    );
    expect(() => publishedScale(own, {}, null, null)).toThrow(expect.objectContaining({ category: 'unavailable' }));
  });
});
