import { describe, expect, it } from 'vitest';
import type { LocalPlatform } from '../../adapters/processes/local-platform.ts';
import { SelfMovingClock } from '../../testing/fakes/self-moving-clock.ts';
import { stopReplicas } from './stop-replicas.ts';

/** Two replicas; the second drains for so long. */
async function stop(drainsForMs: number): Promise<{ readonly notes: readonly string[]; readonly count: number }> {
  const clock = new SelfMovingClock();
  const notes: string[] = [];
  const replica = { replicaId: 'r-1', state: 'draining', reason: 'process 7 finishes 1 request', pid: 7 };
  const platform = {
    spares: { keep: () => Promise.resolve(), ending: 0 },
    owners: () => Promise.resolve(['a', 'b'].map((service) => ({ owner: { service, environment: 'e' }, kept: true }))),
    apply: () => Promise.resolve(),
    observe: ({ service }: { readonly service: string }) =>
      Promise.resolve(clock.monotonicMs() < (service === 'a' ? 100 : drainsForMs) ? [replica] : []),
    killDraining: () => undefined,
  } as unknown as LocalPlatform;
  const count = await stopReplicas(platform, clock, new AbortController().signal, (text) => void notes.push(text));
  return { notes, count };
}

describe('stopping every replica', () => {
  it('says nothing where they stop soon', async () => {
    expect(await stop(1_900)).toEqual({ notes: [], count: 2 });
  });

  it('says every 5 s who is waited for and how long at most', async () => {
    const { notes } = await stop(8_000);
    expect(notes).toEqual([
      '  replicas are stopped: 1 left, r-1 is draining: process 7 finishes 1 request; waited 2s, at most 58s more',
      '  replicas are stopped: 1 left, r-1 is draining: process 7 finishes 1 request; waited 7s, at most 53s more',
    ]);
  });

  it('names who has not stopped at the end, and does not count it', async () => {
    const { notes, count } = await stop(90_000);
    expect(notes.at(-1)).toBe(
      'not every replica stopped within 1m 0s: 1 left, r-1 is draining: process 7 finishes 1 request; next: plimsoll up --stop',
    );
    expect(count).toBe(1);
  });
});
