import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';

it('ends a sleep with the reason that the signal was given, so that an interrupt is told from a bug', async () => {
  const interrupt = new AbortController();
  const reason = new Error('interrupted');
  const asleep = systemClock.sleep(60_000, interrupt.signal);
  interrupt.abort(reason);
  await expect(asleep).rejects.toBe(reason);
  await expect(systemClock.sleep(60_000, interrupt.signal)).rejects.toBe(reason);
});
