import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideScaling } from '../../core/scaling/acting/decide-scaling.ts';
import { replayScaling, type ScalingRecord } from '../../core/scaling/acting/scaling-record.ts';
import { beginHistory, observeArrivals, tickMs } from '../../core/scaling/own/demand-history.ts';
import { plimsollPolicy } from '../../core/scaling/own/plimsoll.ts';
import { seededRandom } from '../../core/statistics/random.ts';
import { readScalingRecord } from '../../schemas/scaling-record.ts';
import { makePolicyInput, makeReplicas } from '../../testing/builders/scaling/scaling-builders.ts';
import { scalingOfText, scalingText } from './scaling-text.ts';

const recordOf = (state: unknown, atMs: number): { readonly record: ScalingRecord; readonly state: unknown } => {
  const input = makePolicyInput({
    atSeconds: atMs / 1_000,
    signals: { queueDepth: 3, oldestWaitMs: 12, inFlight: 40, arrivalsPerSecond: 123.456_789, serviceMs: 98.765_432_1 },
    replicas: makeReplicas(50),
  });
  const starts = { ...input.starts, timesMs: [10_000] };
  const decided = decideScaling(plimsollPolicy, { input: { ...input, starts }, state, orderedBefore: 50 });
  const { grounds, decision, order } = decided;
  const policy = { name: plimsollPolicy.name, plimsollVersion: '1.2.3' };
  const rest = { ordered: order.desired, release: 1, decidedAtMs: atMs };
  return { record: { recordVersion: 1, policy, grounds, decision, order, ...rest }, state: decided.state };
};

/** What the policy remembers after so many readings of a rate that is never a round number. */
function remembered(readings: number): { readonly record: ScalingRecord; readonly buckets: number } {
  const random = seededRandom(1);
  let history = beginHistory(1);
  let atMs = 0;
  for (let reading = 0; reading < readings; reading += 1) {
    atMs += tickMs + 7 * random.nextShare();
    const ratePerSecond = 100 + 50 * Math.sin(reading / 300) + 20 * random.nextShare();
    history = observeArrivals(history, atMs, ratePerSecond, { horizonMs: 12_000, passingMs: 5_000 });
  }
  let state: unknown = { ...plimsollPolicy.begin(0), history };
  // Each decision scores some of the settings; all of them are remembered after these.
  for (let asked = 0; asked < 120; asked += 1) ({ state } = recordOf(state, (atMs += tickMs)));
  return { record: recordOf(state, atMs + tickMs).record, buckets: history.arrivals.length };
}

describe('a record of scaling in its row', () => {
  it('comes back as it was, whatever it holds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
        expect(scalingOfText(scalingText(record))).toEqual(JSON.parse(JSON.stringify(record)));
      }),
    );
  });

  it('is read as well where it was written plain', () => {
    expect(scalingOfText('{"recordVersion":1,"few":[1e-7]}')).toEqual({ recordVersion: 1, few: [1e-7] });
  });

  it(
    'stays below 40 kB however long the policy has decided, and is decided again bit by bit',
    { timeout: 60_000 },
    () => {
      const [hours, day] = [remembered(4_000), remembered(43_200)];
      expect([hours.buckets, day.buckets]).toEqual([2_400, 2_400]);
      for (const { record } of [hours, day]) {
        const text = scalingText({ ...record });
        expect(JSON.stringify(record).length).toBeGreaterThan(60_000);
        expect(text.length).toBeLessThan(40_000);
        const back = readScalingRecord(scalingOfText(text));
        expect(back).toEqual(record);
        expect(back === null ? null : replayScaling(back, plimsollPolicy)).toMatchObject({ identical: true });
      }
    },
  );
});
