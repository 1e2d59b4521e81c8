import { expect, test } from 'vitest';
import { MissPairs } from './miss-pairs.ts';

function pairing(clientsAtMost = 10) {
  const told: boolean[] = [];
  const pairs = new MissPairs(clientsAtMost);
  return {
    told,
    pairs,
    begin: (client: string, isCanary: boolean) => pairs.begin(client, isCanary, (is) => told.push(is)),
  };
}

test('a pair tells once who was missed, whichever ends first, and nothing where both are alike', () => {
  const { told, begin } = pairing();
  const ends = [
    [true, false],
    [false, true],
    [true, true],
    [false, false],
  ] as const;
  for (const [live, canary] of ends) {
    const [one, other] = [begin('c', false), begin('c', true)];
    one.end(live);
    other.end(canary);
    const [two, last] = [begin('c', true), begin('c', false)];
    last.end(live);
    two.end(canary);
  }
  expect(told).toEqual([false, false, true, true]);
});

test('only requests of one client are paired, the newest before it, and each once', () => {
  const { told, begin } = pairing();
  begin('a', false).end(false);
  begin('b', true).end(true);
  expect(told).toEqual([]);
  const [old, fresh] = [begin('c', false), begin('c', false)];
  old.end(true);
  fresh.end(false);
  begin('c', true).end(true);
  begin('c', true).end(true);
  expect(told).toEqual([true]);
});

test('clients that never pair are forgotten', () => {
  const { pairs, begin } = pairing(10);
  for (let client = 0; client < 1_000; client += 1) begin(String(client), false);
  expect(pairs.size).toBe(10);
});
