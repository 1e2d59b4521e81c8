import { beforeEach, describe, expect, it } from 'vitest';
import type { LearnedEvidence } from '../../core/scaling/policy.ts';
import type { Invalidation } from '../../core/evidence/lock/lock.ts';
import { aLearned, aRatio } from '../../testing/builders/scaling/learned-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { LearnedWatch, type LearnedSource } from './learned-watch.ts';
import type { WatchNews } from './watch.ts';
import { digestOf } from '../../core/units/digest.ts';

let clock: FakeClock;
let learned: LearnedEvidence | null;
let known: Invalidation[];
let measuredAtMs: number | null;
let measuredRate: number;
let watch: LearnedWatch;
beforeEach(() => {
  clock = new FakeClock();
  measuredRate = 1;
  [learned, known, measuredAtMs] = [aLearned({ capacity: aRatio(0.5) }), [], clock.nowMs() - 1_000];
  watch = opened();
});

/** As a control plane that was just started. */
function opened(): LearnedWatch {
  const measured: LearnedSource['measured'] = async (kind) =>
    measuredAtMs === null
      ? null
      : { evidence: digestOf({ kind, measuredRate }), measuredAtMs, remedy: `measure ${kind}` };
  return new LearnedWatch({
    service: 'digits',
    environment: 'prod',
    source: { measured },
    store: { invalidations: async () => known },
    clock,
    learned: () => learned,
  });
}

/** Looks each ten seconds, and records what is new. */
async function pass(minutes: number): Promise<readonly WatchNews[]> {
  const news: WatchNews[] = [];
  for (let second = 0; second < minutes * 60; second += 10) {
    await clock.advance(10_000);
    const found = await watch.look();
    news.push(...found);
    known.push(...found.flatMap(({ invalidation }) => (invalidation === null ? [] : [invalidation])));
  }
  return news;
}

describe('the watch of what scaling learns', () => {
  it('invalidates the capacity that live data contradict, once, with the command that measures it', async () => {
    expect(await pass(5)).toEqual([]);
    const news = await pass(30);
    expect(news.map(({ invalidation, event }) => [invalidation?.kind, invalidation?.remedy, event.kind])).toEqual([
      ['capacity', 'measure capacity', 'capacity.departed'],
    ]);
    expect(news[0]?.event.summary).toMatch(
      /^The capacity evidence no longer holds: for 5m .*; next: measure capacity$/,
    );
  });

  it('invalidates cold-start evidence where starts take another time', async () => {
    learned = aLearned({ starts: aRatio(2) });
    expect((await pass(10)).map(({ invalidation, event }) => [invalidation?.kind, event.kind])).toEqual([
      ['cold-start', 'start.departed'],
    ]);
  });

  it('tells nothing twice over a restart, and anew of what was measured since', async () => {
    expect(await pass(10)).toHaveLength(1);
    watch = opened();
    expect(await pass(10)).toEqual([]);
    [measuredAtMs, measuredRate] = [clock.nowMs(), 2];
    expect(await pass(10)).toHaveLength(1);
  });

  it('names the evidence, and tells it once also where the clock is set back behind the measurement', async () => {
    measuredAtMs = clock.nowMs() + 1_000;
    expect((await pass(30)).map(({ invalidation }) => invalidation?.evidence)).toEqual([
      digestOf({ kind: 'capacity', measuredRate: 1 }),
    ]);
    clock.stepTimeOfDay(-1_000_000_000);
    expect(await pass(30)).toEqual([]);
  });

  it('gives what was measured anew five minutes before live data are held against it', async () => {
    await pass(10);
    measuredAtMs = clock.nowMs();
    expect(await pass(4)).toEqual([]);
    learned = aLearned();
    expect(await pass(10)).toEqual([]);
  });

  it('tells nothing where nothing was measured, or the policy is not asked', async () => {
    measuredAtMs = null;
    expect(await pass(10)).toEqual([]);
    [measuredAtMs, learned] = [clock.nowMs(), null];
    expect(await pass(10)).toEqual([]);
  });

  it('does not take a time of day that is set ahead for time that passed', async () => {
    await pass(3);
    clock.stepTimeOfDay(86_400_000);
    expect(await pass(1)).toEqual([]);
  });
});
