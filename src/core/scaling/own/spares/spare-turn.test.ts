import { describe, expect, it } from 'vitest';
import { fixedStarts } from '../../../coldstart/stated-starts.ts';
import { makePolicyInput, makeReplicas } from '../../../../testing/builders/scaling/scaling-builders.ts';
import type { Demand } from '../demand-history.ts';
import { nothingSeen } from '../seen-lateness.ts';
import { beginChoice, cautiousChoice } from '../settings/choose-settings.ts';
import { groundOf, turnOf } from '../turn.ts';
import { asSeen } from '../next-burst/next-burst.ts';

/** Rates are so many replicas' worth: no safety, no floor, the load followed whole. */
const settings = { safety: 0, follow: 1, floorShare: 0, holdStarts: 1 };

interface Asked {
  readonly free: number | null;
  readonly waiting?: number;
  readonly ahead?: 'season';
  readonly soon?: number;
}

/** Of a service with 2 replicas whose demand is 2 now, 3.5 in 5 s and 5 in 40 s. */
function turn({ free, waiting = 0, ahead, soon = 3.5 }: Asked) {
  const base = makePolicyInput({
    atSeconds: 10_000,
    replicas: makeReplicas(2),
    signals: { queueDepth: waiting, oldestWaitMs: 0, arrivalsPerSecond: 10, inFlight: 2 },
  });
  const input = {
    ...base,
    starts: fixedStarts(40_000),
    ...(free === null ? {} : { spares: { free, found: free, starts: fixedStarts(5_000) } }),
  };
  const ground = groundOf(input, null);
  const most = ground.power.mostPerSecond;
  const demand: Demand = {
    level: 2 * most,
    expectedPerSecond: 5 * most,
    soonPerSecond: soon * most,
    meanPerSecond: 2 * most,
    peakPerSecond: 5 * most,
    seenPerSecond: 5 * most,
    coveredMs: 36_000_000,
  };
  const calendar = ahead === undefined ? {} : { ahead: { ratePerSecond: 5.5 * most, why: ahead } };
  const state = {
    choice: beginChoice(),
    seen: nothingSeen,
    chosen: { ...cautiousChoice, settings },
    hold: { replicas: 2, below: null },
    seenMs: 9_998_000,
  };
  const found = { demand, choice: beginChoice(), world: null, nextBurst: asSeen, lastArrivalMs: 10_000_000 };
  const { desired, left, size } = turnOf({ ...input, ...calendar }, state, ground, found);
  return { desired, left, forBacklog: size.forBacklog };
}

describe('a turn with spares', () => {
  it('orders what a start with a spare is soon enough for only when it is needed', () => {
    expect(turn({ free: null })).toMatchObject({ desired: 5, left: 0 });
    expect(turn({ free: 0 })).toMatchObject({ desired: 5, left: 0 });
    expect(turn({ free: 1 })).toMatchObject({ desired: 4, left: 1 });
    // 3.5 are needed soon: one and a half could wait, and a half replica is a whole one.
    expect(turn({ free: 3 })).toMatchObject({ desired: 4, left: 1 });
    expect(turn({ free: 3, soon: 2 })).toMatchObject({ desired: 2, left: 3 });
    expect(turn({ free: 9, soon: 6 })).toMatchObject({ desired: 5, left: 0 });
  });

  it('leaves nothing to spares that the calendar expects', () => {
    expect(turn({ free: 3, ahead: 'season' })).toMatchObject({ desired: 6, left: 0 });
  });

  it('drains a backlog by those that are there soon', () => {
    const [none, some] = [turn({ free: 0, waiting: 400 }), turn({ free: 50, waiting: 400 })];
    expect(some.forBacklog).toBeGreaterThan(none.forBacklog);
    expect(turn({ free: 50, waiting: 400, soon: 5 }).desired).toBeGreaterThan(none.desired);
  });
});
