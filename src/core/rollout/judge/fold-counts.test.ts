import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aRelease } from '../../../testing/builders/rollout-builders.ts';
import { beginStep } from './canary-step.ts';
import type { CanaryRecord } from './canary.ts';
import { lookAtStep, type GatewayCounts } from './fold-counts.ts';

const release = aRelease(2, { steps: [0.05, 1] });
const begun: CanaryRecord = { ...beginStep(release, 1, 0, 0), revision: 1 };
const step = { release: 2, against: 1, step: 0, startedAtMs: 0 };
const none = { units: 0, errors: 0, latency: {} };

function counts(sequence: number, over: Partial<GatewayCounts> = {}): GatewayCounts {
  const warm = { units: 10, errors: 1, latency: { 100: 9 } };
  return {
    source: 'g1@5',
    sequence,
    step,
    releases: [
      { release: 1, units: { warm, cold: none } },
      { release: 2, units: { warm, cold: { ...none, units: 3 } } },
    ],
    ...over,
  };
}
const unitsOf = (record: CanaryRecord) => record.judgement?.metrics.find(({ metric }) => metric === 'errors')?.units;

describe('looking at a step', () => {
  it('adds gateways up, and sets cold units apart', () => {
    const looked = lookAtStep(begun, [counts(1), counts(2), counts(1, { source: 'g2@6' })], null, 1_000);
    expect(unitsOf(looked)).toEqual({ live: 30, canary: 30 });
    expect(looked.judgement?.coldUnits).toEqual({ live: 0, canary: 9 });
    expect(looked.taken).toEqual({ 'g1@5': 2, 'g2@6': 1 });
  });

  it('is the very same record within the same second', () => {
    expect(lookAtStep(begun, [counts(1)], null, 999)).toBe(begun);
  });

  it.each([
    ['another step', { step: { ...step, step: 1 } }],
    ['another start of it', { step: { ...step, startedAtMs: 1 } }],
    ['another release', { step: { ...step, release: 3 } }],
  ])('leaves the counts of %s out', (_what, over) => {
    expect(unitsOf(lookAtStep(begun, [counts(1, over)], null, 1_000))).toEqual({ live: 0, canary: 0 });
  });

  it('counts each interval once, however often and with whatever others it is told again', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 12 }), (told) => {
        let record = begun;
        let last = 0;
        told.forEach((upTo, index) => {
          // A gateway tells all that waits for an acknowledgement, oldest first, without a gap.
          const sequences = Array.from({ length: Math.max(last, upTo) }, (_, each) => each + 1);
          last = Math.max(last, upTo);
          record = lookAtStep(
            record,
            sequences.map((sequence) => counts(sequence)),
            null,
            (index + 1) * 1_000,
          );
        });
        expect(unitsOf(record)?.canary ?? 0).toBe(last * 10);
      }),
    );
  });

  it('takes an outage and a clock that was set for no time of the step', () => {
    const outage = lookAtStep(lookAtStep(begun, [], null, 1_000), [], null, 3_601_000);
    expect(outage.judgement).toMatchObject({ elapsedMs: 1_000, outcome: 'hold' });
    const back = lookAtStep(outage, [], null, 2_000);
    expect(back.judgement?.elapsedMs).toBe(1_000);
  });

  it('lets no time pass while it stands paused', () => {
    const paused = { ...begun, pause: { by: 'ada', atMs: 500, reason: 'r' } };
    expect(lookAtStep(paused, [], null, 9_000).judgement?.elapsedMs).toBe(500);
  });
});
