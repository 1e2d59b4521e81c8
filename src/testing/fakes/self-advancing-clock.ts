import type { Clock } from '../../ports/process/clock.ts';
import { FakeClock, settled } from './fake-clock.ts';

/**
 * Time that moves by itself to the next moment that somebody waits for, once nothing else is left to do: whatever only
 * waits, and reads no file meanwhile, then takes no time.
 */
export function selfAdvancingClock(startMs?: number): Clock {
  const clock = new FakeClock(startMs);
  let isMoving = false;
  const move = async (): Promise<void> => {
    isMoving = true;
    await settled();
    for (let waitMs = clock.nextWakeInMs; waitMs !== null; waitMs = clock.nextWakeInMs) await clock.advance(waitMs);
    isMoving = false;
  };
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    sleep(durationMs, signal) {
      const slept = clock.sleep(durationMs, signal);
      if (!isMoving) void move();
      return slept;
    },
  };
}
