import { describe, expect, it } from 'vitest';
import type { JudgedCost } from '../../core/cost/judgement/judge-cost.ts';
import type { StoredEvent } from '../../core/records/event.ts';
import type { Verdict } from '../../core/units/verdict.ts';
import { loadContract, minimalContract } from '../../testing/builders/contract-texts.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { CostWatch } from './cost-watch.ts';
import type { WatchNews } from './watch.ts';

const { contract } = loadContract(`${minimalContract}cost: { prices: prices.yaml, budget: 5 EUR/day }\n`);
const minute = 60_000;

function makeWorld() {
  const clock = new FakeClock();
  const world = { verdict: 'pass' as Verdict, events: [] as StoredEvent[], judged: 0 };
  const judge = async () => {
    world.judged += 1;
    const budget = { verdict: world.verdict, reasons: [`it is ${world.verdict}`] };
    const remedy = { cause: 'warm-pool', change: 'Lower it.', idleMs: 7, micros: null, currency: null } as const;
    const judged: JudgedCost = { ...budget, parts: { budget }, remedy, toMs: 0 };
    return { contract, release: 4, judged };
  };
  const store = { events: async () => world.events };
  const open = () => new CostWatch({ source: { judge }, service: 'digits', environment: 'prod', store, clock });
  const lookBy = async (watch: CostWatch, isRecorded = true): Promise<readonly WatchNews[]> => {
    await clock.advance(20_000);
    const news = await watch.look({ replicas: [] });
    if (!isRecorded) return news;
    const stored = news.map(({ event }) => ({ ...event, atMs: clock.nowMs() }) as unknown as StoredEvent);
    world.events = [...world.events, ...stored];
    watch.recorded();
    return news;
  };
  return { world, clock, open, lookBy };
}

const kinds = (news: readonly WatchNews[]) => news.map(({ event }) => event.kind);

describe('the watch over cost', () => {
  it('invalidates the cost evidence when a limit breaks, with the change that saves most', async () => {
    const { world, open, lookBy } = makeWorld();
    world.verdict = 'fail';
    const [news] = await lookBy(open());
    expect(news).toMatchObject({
      invalidation: {
        ...{ kind: 'cost', environment: 'prod', reason: 'it is fail' },
        remedy: 'Lower it. It saves at most 7ms of device time in 24 h; cause: warm-pool',
      },
      event: { kind: 'cost.broken', data: { what: 'budget', release: 4, cause: 'warm-pool' } },
    });
  });

  it('tells it once, also after a restart, and once more where it was not recorded', async () => {
    const { world, open, lookBy } = makeWorld();
    world.verdict = 'fail';
    const watch = open();
    expect(kinds(await lookBy(watch, false))).toEqual(['cost.broken']);
    expect(kinds(await lookBy(watch))).toEqual(['cost.broken']);
    expect(await lookBy(watch)).toEqual([]);
    expect(await lookBy(open())).toEqual([]);
  });

  it('says that it holds again, an hour later at the earliest, and invalidates nothing by that', async () => {
    const { world, clock, open, lookBy } = makeWorld();
    world.verdict = 'fail';
    await lookBy(open());
    world.verdict = 'pass';
    const watch = open();
    expect(await lookBy(watch)).toEqual([]);
    await clock.advance(60 * minute);
    world.verdict = 'unknown';
    expect(await lookBy(watch)).toEqual([]);
    world.verdict = 'pass';
    expect(await lookBy(watch)).toMatchObject([{ invalidation: null, event: { kind: 'cost.holds' } }]);
    expect(await lookBy(watch)).toEqual([]);
  });

  it('looks each 20 seconds, whatever the pace of the turns', async () => {
    const { world, clock, open } = makeWorld();
    const watch = open();
    for (let second = 0; second < 60; second += 1) {
      await watch.look({ replicas: [] });
      await clock.advance(1_000);
    }
    expect(world.judged).toBe(3);
  });
});
