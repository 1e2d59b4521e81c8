import { describe, expect, it } from 'vitest';
import type { MetricsAnswer } from '../../ports/serving/metrics-source.ts';
import { ScrapeBackoff } from './scrape-backoff.ts';

const answer: MetricsAnswer = { kind: 'read', reading: { readAtMs: 0, samples: [] }, warnings: [] };
const mebibyte = 1024 * 1024;

/** After how many milliseconds a replica among so many, each of which tells so much, is asked again. */
function restOf(bytes: number, replicas: number): number {
  let nowMs = 0;
  const backoff = new ScrapeBackoff(() => nowMs);
  for (let replica = 0; replica < replicas; replica += 1) backoff.keep(`r${replica}`, bytes, answer);
  const last = `r${replicas - 1}`;
  backoff.keep(last, bytes, answer);
  while (backoff.standing(last) !== null) nowMs += 50;
  return nowMs;
}

describe('the rest of a replica that told its metrics', () => {
  it.each([
    [1_000, 1, 0],
    [100_000, 1, 0],
    [100_000, 20, 0],
    [100_000, 200, 2_400],
    [16 * mebibyte, 1, 8_000],
    [16 * mebibyte, 10, 20_000],
  ])('that were %d bytes, among %d replicas, is %d ms', (bytes, replicas, restMs) => {
    expect(Math.abs(restOf(bytes, replicas) - restMs)).toBeLessThanOrEqual(50);
  });

  it('leaves 8 MiB a second to read, however many lie', () => {
    let nowMs = 0;
    let read = 0;
    const backoff = new ScrapeBackoff(() => nowMs);
    for (; nowMs < 600_000; nowMs += 1_000) {
      for (let replica = 0; replica < 50; replica += 1) {
        if (backoff.standing(`r${replica}`) !== null) continue;
        backoff.keep(`r${replica}`, 16 * mebibyte, answer);
        read += 16 * mebibyte;
      }
    }
    expect(read / 600).toBeLessThan(2 * 8 * mebibyte);
  });

  it('is of one replica, and no other waits for it', () => {
    const backoff = new ScrapeBackoff(() => 0);
    backoff.keep('liar', 16 * mebibyte, answer);
    backoff.keep('honest', 20_000, answer);
    expect([backoff.standing('liar'), backoff.standing('honest'), backoff.standing('new')]).toEqual([
      answer,
      null,
      null,
    ]);
  });
});
