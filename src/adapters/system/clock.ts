import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../ports/process/clock.ts';

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(durationMs, signal) {
    try {
      await delay(durationMs, undefined, signal === undefined ? {} : { signal });
    } catch (thrown) {
      // Node throws an error of its own; whoever ended the sleep said why.
      signal?.throwIfAborted();
      throw thrown;
    }
  },
};
