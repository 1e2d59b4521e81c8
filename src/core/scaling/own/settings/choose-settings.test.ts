import { describe, expect, it } from 'vitest';
import { beginChoice, cautiousChoice, chooseSettings, replaySome, settingsGrid } from './choose-settings.ts';
import { peakRate } from '../demand-history.ts';
import { isPassedOver } from './passed-over.ts';
import { followed, replaySettings, type ReplayedWorld } from './replay.ts';

const power = { slots: 4, mostPerSecond: 10, workMs: 400 };

function worldOf(arrivals: readonly number[], more: Partial<ReplayedWorld> = {}): ReplayedWorld {
  const expected = arrivals.map((count) => count / 2);
  return {
    bucketMs: 2_000,
    arrivals,
    expected,
    peakPerSecond: peakRate(expected),
    meanPerSecond: arrivals.reduce((sum, count) => sum + count, 0) / arrivals.length / 2,
    variability: 1,
    power,
    startMs: 20_000,
    carriedShare: 1,
    meanStartMs: 20_000,
    waitMs: 1_000,
    lateAfterMs: more.waitMs ?? 1_000,
    minReplicas: 1,
    maxReplicas: 100,
    ...more,
  };
}

const constant = worldOf(new Array<number>(600).fill(40));
/** 20 requests/s for ten minutes, 100 for one, again and again. */
const bursts = worldOf(Array.from({ length: 1_200 }, (_, at) => (at % 330 < 300 ? 40 : 200)));

describe('a replay', () => {
  it('counts every arrival, and holds replicas all the time', () => {
    const score = replaySettings(constant, { safety: 1, follow: 1, floorShare: 1, holdStarts: 1 });
    expect(score.arrivals).toBe(600 * 40);
    expect(score.replicaSeconds).toBe(1_200 * 3);
  });

  it('finds nobody late with room, and everybody without', () => {
    expect(replaySettings(constant, { safety: 4, follow: 1, floorShare: 1, holdStarts: 1 }).late).toBeLessThan(240);
    const none = replaySettings(worldOf(constant.arrivals, { maxReplicas: 1 }), {
      safety: 4,
      follow: 1,
      floorShare: 1,
      holdStarts: 1,
    });
    expect(none.late).toBeGreaterThan(0.9 * none.arrivals);
  });

  it('finds those late that a burst brings before its replicas have started', () => {
    const free = replaySettings(bursts, { safety: 1, follow: 1, floorShare: 0, holdStarts: 1 });
    const kept = replaySettings(bursts, { safety: 1, follow: 1, floorShare: 1, holdStarts: 1 });
    expect(free.late).toBeGreaterThan(0.05 * free.arrivals);
    expect(kept.late).toBeLessThan(0.01 * kept.arrivals);
    expect(kept.replicaSeconds).toBeGreaterThan(free.replicaSeconds);
  });
});

describe('a replay with replicas that may sleep', () => {
  const kept = { safety: 1, follow: 1, floorShare: 1, holdStarts: 1 };
  const sleep = { replicas: 50, wakeMs: 2_000, priceShare: 0.1 };

  it('costs less than a floor that is awake, for nearly as many in time where waking is soon enough', () => {
    const awake = replaySettings(worldOf(bursts.arrivals, { waitMs: 6_000 }), kept);
    const asleep = replaySettings(worldOf(bursts.arrivals, { waitMs: 6_000, sleep }), kept);
    expect(asleep.replicaSeconds).toBeLessThan(0.5 * awake.replicaSeconds);
    expect(asleep.late).toBeLessThan(0.005 * asleep.arrivals);
  });

  it('costs the more the more a second of sleep does, and has more late ones where waking takes as long as a start', () => {
    const cost = (priceShare: number) =>
      replaySettings(worldOf(bursts.arrivals, { sleep: { ...sleep, priceShare } }), kept).replicaSeconds;
    expect(cost(0.5)).toBeGreaterThan(cost(0.1));
    const late = (wakeMs: number) =>
      replaySettings(worldOf(bursts.arrivals, { waitMs: 6_000, sleep: { ...sleep, wakeMs } }), kept).late;
    expect(late(20_000)).toBeGreaterThan(5 * late(2_000));
    expect(late(40_000)).toBe(late(20_000));
  });
});

describe('a replayed step down', () => {
  /** 40 requests/s, and for a while some more: less than a start, so that what it orders is given up before it serves. */
  const wobbling = worldOf(
    Array.from({ length: 600 }, (_, at) => (at % 20 < 3 ? 90 : 76)),
    { waitMs: 4_000 },
  );

  it('gives up what loads before what serves', () => {
    const score = replaySettings(wobbling, { safety: 0, follow: 1, floorShare: 0, holdStarts: 0.25 });
    expect(score.late).toBe(0);
    // Four replicas are there all the time, and the fifth that loads now and then costs as well.
    expect(score.replicaSeconds).toBeGreaterThan(1_200 * 4);
    expect(score.replicaSeconds).toBeLessThan(1_200 * 5);
  });
});

describe('a replayed backlog', () => {
  it('is of unlucky ones too, where it is nearly as long as it may be', () => {
    // For a minute 42 requests/s meet the 40/s of four replicas: 120 wait 3 s at the end.
    const rush = Array.from({ length: 600 }, (_, at) => (at % 100 < 30 ? 84 : 60));
    const kept = { safety: 0, follow: 0, floorShare: 0, holdStarts: 0.25 };
    const score = (waitMs: number) => replaySettings(worldOf(rush, { waitMs, minReplicas: 4, maxReplicas: 4 }), kept);
    expect(score(2_000).late).toBeGreaterThan(0.05 * score(2_000).arrivals);
    expect(score(3_100).late).toBe(0);
    expect(score(3_100).unlucky).toBeGreaterThan(0.01 * score(3_100).arrivals);
    expect(score(10_000).unlucky).toBeLessThan(0.001 * score(10_000).arrivals);
  });
});

describe('the forecast', () => {
  it('is followed as far as the settings say, and whole beyond all that they are known to be good for', () => {
    expect(followed(28, 20, 0.5, 30)).toBe(24);
    expect(followed(40, 20, 0.5, 30)).toBe(35);
    expect(followed(10, 20, 0.5, 30)).toBe(15);
    expect(followed(100, 20, 0.5)).toBe(60);
    expect(followed(30, 20, 0, 0)).toBe(30);
  });
});

describe('the choice of settings', () => {
  const prices = { acceleratorSecond: 1, lateRequest: 0 };
  const within = (lateShareAtMost: number) => ({ lateShareAtMost, unluckyCounts: 1 });
  const whole = (world: ReplayedWorld) => replaySome(beginChoice(), world, settingsGrid.length);

  it('is cautious until everything was replayed', () => {
    const some = replaySome(beginChoice(), constant, settingsGrid.length - 1);
    expect(chooseSettings(some, within(0.01), prices)).toEqual(cautiousChoice);
  });

  it('takes the cheapest inside the budget', () => {
    const { settings, score } = chooseSettings(whole(bursts), within(0.01), prices);
    expect(settings.floorShare).toBeGreaterThan(0.5);
    expect(score?.late).toBeLessThanOrEqual(0.01 * (score?.arrivals ?? 0));
    const freer = chooseSettings(whole(bursts), within(0.5), prices);
    expect(freer.score?.replicaSeconds).toBeLessThan(score?.replicaSeconds ?? 0);
  });

  it('takes the fewest late requests where no settings are inside the budget', () => {
    const tight = whole(worldOf(bursts.arrivals, { maxReplicas: 3 }));
    const { score } = chooseSettings(tight, within(0.0001), prices);
    const lateOf = (each: (typeof tight.scores)[number]): number =>
      each === null || isPassedOver(each) ? Infinity : each.late + each.unlucky;
    expect(lateOf(score)).toBe(Math.min(...tight.scores.map(lateOf)));
  });

  it('lets late requests cost what they are said to', () => {
    const dear = chooseSettings(whole(bursts), within(1), { acceleratorSecond: 1, lateRequest: 1_000 });
    const cheap = chooseSettings(whole(bursts), within(1), { acceleratorSecond: 1, lateRequest: 0 });
    expect(dear.score?.late).toBeLessThan(cheap.score?.late ?? 0);
  });
});
