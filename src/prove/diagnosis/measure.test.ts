import { describe, expect, it } from 'vitest';
import { selfAdvancingClock } from '../../testing/fakes/self-advancing-clock.ts';
import { switchLoad, type RequestKind } from './load-ablation.ts';
import { measureByLoad, measurePassing } from './measure.ts';

const signal = new AbortController().signal;

function world() {
  const clock = selfAdvancingClock();
  const after = (answerMs: number, rows = 1): RequestKind => ({
    rows,
    ask: async () => {
      await clock.sleep(answerMs, signal);
      return null;
    },
  });
  return { clock, after };
}

describe('the load of an experiment', () => {
  it('counts answers a second with so many under way', async () => {
    const { clock, after } = world();
    const load = switchLoad(after(20));
    const measured = await measureByLoad({ clock }, load.kind, 4)(300, signal);
    // Four under way, each 20 ms: 200 a second.
    expect(measured.answerMs).toBe(20);
    expect(measured.value / 200).toBeCloseTo(1, 1);
  });

  it('sends another kind of requests while an experiment stands, and counts its rows', async () => {
    const { clock, after } = world();
    const load = switchLoad(after(20));
    const larger = load.ablateBy(after(40, 8));
    const measure = measureByLoad({ clock }, load.kind, 4);
    await larger.apply(signal);
    // 4 x 8 rows in 40 ms.
    expect((await measure(300, signal)).value / 800).toBeCloseTo(1, 1);
    await larger.undo();
    await larger.undo();
    expect((await measure(300, signal)).value / 200).toBeCloseTo(1, 1);
    expect(larger.restoration).toBeNull();
  });

  it('is no measurement of nothing where every request fails, but a number all the same', async () => {
    const { clock } = world();
    const failing: RequestKind = { rows: 1, ask: () => Promise.reject(new Error('refused')) };
    const measured = await measureByLoad({ clock }, () => failing, 2)(300, signal);
    expect(measured.answerMs).toBe(Infinity);
    expect(measured.value).toBeGreaterThan(0);
  });
});

describe('what is passing', () => {
  it('is measured by the mean time of its answers', async () => {
    const { clock } = world();
    const counts = [
      { answers: 100, totalMs: 1_000 },
      { answers: 150, totalMs: 2_000 },
    ];
    const measured = await measurePassing({ clock }, () =>
      Promise.resolve(counts.shift() ?? { answers: 0, totalMs: 0 }),
    )(300, signal);
    expect(measured).toEqual({ value: 50, answerMs: 20 });
  });

  it('is unlimited in time without an answer', async () => {
    const { clock } = world();
    const same = { answers: 5, totalMs: 10 };
    expect((await measurePassing({ clock }, () => Promise.resolve(same))(300, signal)).answerMs).toBe(Infinity);
  });
});
