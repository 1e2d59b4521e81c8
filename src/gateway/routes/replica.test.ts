import { afterEach, describe, expect, it } from 'vitest';
import { Replica } from './replica.ts';

let nowMs = 0;
const replica = new Replica('r', 'http://127.0.0.1:9', { concurrency: 4, connectTimeoutMs: 1, nowMs: () => nowMs });
afterEach(() => replica.destroy());

describe('the busy time of a replica', () => {
  it('is the time in which at least one request is with it, however many they are', () => {
    const at = (ms: number, act: 'take' | 'free'): void => {
      nowMs = ms;
      replica[act]();
    };
    at(10, 'take');
    at(20, 'take');
    at(30, 'free');
    nowMs = 45;
    expect(replica.busyMs.answers).toBe(35);
    at(50, 'free');
    nowMs = 90;
    expect(replica.busyMs.answers).toBe(40);
    at(100, 'take');
    at(107, 'free');
    expect([replica.busyMs.answers, replica.inFlight, replica.requests]).toEqual([47, 0, 3]);
  });

  it('knows the time of golden replays, which are no requests of its own', () => {
    nowMs = 200;
    replica.beginGolden();
    nowMs = 230;
    replica.endGolden(30);
    expect(replica.busyMs).toEqual({ answers: 47, shadow: 0, golden: 30 });
    expect([replica.inFlight, replica.requests, replica.golden]).toEqual([0, 3, { requests: 1, ms: 30 }]);
  });
});
