import { describe, expect, it } from 'vitest';
import { selfAdvancingClock } from '../../fakes/self-advancing-clock.ts';
import { TokenEngine, type TokenEngineTimes } from './token-engine.ts';

const times: TokenEngineTimes = { firstMs: 50, perInputMs: 1, betweenMs: 10, slots: 2, blockTokens: 4 };
const words = (count: number, word = 'ship') => Array.from({ length: count }, (_, at) => `${word}${at}`);

/** When each request has its tokens, and how much of its input was cached. */
async function served(
  changes: Partial<TokenEngineTimes>,
  requests: readonly (readonly [words: string[], out: number])[],
) {
  const clock = selfAdvancingClock();
  const engine = new TokenEngine({ ...times, ...changes }, clock);
  return Promise.all(
    requests.map(async ([prompt, tokensOut]) => {
      const atMs: number[] = [];
      const request = { tokensIn: prompt.length, tokensOut, words: prompt };
      const cached = await engine.serve(request, () => atMs.push(Number(clock.monotonicMs().toFixed(3))));
      return { atMs, cached };
    }),
  );
}

describe('a simulated engine of tokens', () => {
  it('gives the first token after its time and that of the input, and the others evenly', async () => {
    expect(await served({}, [[words(10), 3]])).toEqual([{ atMs: [60, 70, 80], cached: 0 }]);
  });

  it('runs as many answers at once as it has slots, and keeps their order', async () => {
    const none = { blockTokens: 0, perInputMs: 0 };
    const [, , third] = await served(none, [
      [words(1), 2],
      [words(1), 3],
      [words(1), 1],
    ]);
    // The first answer ends at 60; the third begins then.
    expect(third?.atMs).toEqual([110]);
  });

  it('takes whole blocks from its prefix cache, up to the first that differs', async () => {
    const same = words(10);
    const other = [...words(5), ...words(5, 'hull')];
    const [first, second, third] = await served({ slots: 1 }, [
      [same, 1],
      [same, 1],
      [other, 1],
    ]);
    expect([first?.cached, second?.cached, third?.cached]).toEqual([0, 8, 4]);
    // 50 + 10, then 50 + 2 more, then 50 + 6 more.
    expect([first?.atMs, second?.atMs, third?.atMs]).toEqual([[60], [112], [168]]);
  });
});
