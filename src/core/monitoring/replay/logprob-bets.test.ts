import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import { betOnLogprobs, bucketOf, emptyLogprobs, eValueOf, forgetLogprobs, type LogprobState } from './logprob-bets.ts';

const hourMs = 3_600_000;
const rate = { count: 1, perMs: 30 * 24 * hourMs };

/** Each replica in turn is asked beside the next one, hour by hour; `meanOf` says what a replica answers. */
function run(
  ids: readonly string[],
  hours: number,
  meanOf: (id: string, hour: number) => number,
  promise: typeof rate | null = rate,
): { readonly state: LogprobState; readonly alarms: readonly { readonly id: string; readonly hour: number }[] } {
  let state = emptyLogprobs;
  const alarms: { id: string; hour: number }[] = [];
  for (let hour = 0; hour < hours; hour += 1) {
    for (const [at, id] of ids.entries()) {
      const peer = ids[(at + 1 + (hour % (ids.length - 1))) % ids.length] ?? '';
      const [one, other] = [id, peer].map((replicaId) => {
        const mean = meanOf(replicaId, hour);
        return { replicaId, bucket: 0, means: [mean, mean - 1] };
      });
      if (one === undefined || other === undefined) throw new Error('two are needed');
      const bet = betOnLogprobs(state, [one, other], { rate: promise, among: ids.length, atMs: hour * hourMs });
      state = bet.state;
      if (bet.alarm) alarms.push({ id, hour });
    }
  }
  return { state, alarms };
}

describe('bets on log probabilities', () => {
  it('healthy replicas of any spread raise no more alarms than promised', () => {
    const random = seededRandom(11);
    let alarms = 0;
    for (let service = 0; service < 40; service += 1) {
      // Every 20th day is noisier, and a common level wanders: both hit all replicas alike.
      alarms += run(['a', 'b', 'c'], 30 * 24, (_id, hour) => {
        return Math.sin(hour / 100) + (random.nextShare() - 0.5) * (hour % 480 < 24 ? 1 : 0.05);
      }).alarms.length;
    }
    // 40 services watched for 30 days each, 1 alarm per 30 days promised.
    expect(alarms).toBeLessThanOrEqual(40);
  });

  it('replicas that answer to the bit alike give no evidence at all', () => {
    const { state, alarms } = run(['a', 'b'], 500, () => -0.25);
    expect(alarms).toEqual([]);
    expect(state.replicas.map(eValueOf)).toEqual([1, 1]);
  });

  it('a replica that is off by less than the spread is named among three, within days', () => {
    const random = seededRandom(5);
    const { alarms, state } = run(
      ['a', 'b', 'c'],
      30 * 24,
      (id) => (id === 'b' ? 0.05 : 0) + (random.nextShare() - 0.5) * 0.1,
    );
    expect(alarms[0]).toMatchObject({ id: 'b' });
    expect(alarms[0]?.hour).toBeLessThan(7 * 24);
    const of = (id: string) => eValueOf(state.replicas.find(({ replicaId }) => replicaId === id)!);
    expect(of('b')).toBeGreaterThan(1_000);
  });

  it('nothing alarms where nothing is promised, and nothing is bet on another bucket', () => {
    const apart = run(['a', 'b'], 200, (id) => (id === 'a' ? -1 : -2), null);
    expect(apart.alarms).toEqual([]);
    expect(apart.state.replicas.map(eValueOf).every((each) => each > 1e6)).toBe(true);
    const busy = { replicaId: 'b', bucket: 3, means: [-9] };
    const how = { rate, among: 2, atMs: 0 };
    expect(betOnLogprobs(emptyLogprobs, [{ replicaId: 'a', bucket: 0, means: [-1] }, busy], how).isBet).toBe(false);
    expect([0, 1, 2, 3, 7, 8].map(bucketOf)).toEqual([0, 1, 1, 2, 3, 3]);
  });

  it('a value that is no number bets nothing, and what is gone is forgotten', () => {
    const { state } = run(['a', 'b'], 50, (id) => (id === 'a' ? NaN : -1));
    expect(state.replicas.map(eValueOf)).toEqual([1, 1]);
    expect(forgetLogprobs(state, new Set(['b'])).replicas).toHaveLength(1);
  });
});
