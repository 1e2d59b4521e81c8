import { expect, it } from 'vitest';
import { PlimsollError } from '../../core/units/errors.ts';
import { aRelease } from '../../testing/builders/rollout-builders.ts';
import { contextOf } from '../../testing/rigs/command-line.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { Platform } from '../../ports/serving/platform.ts';
import { SelfMovingClock } from '../../testing/fakes/self-moving-clock.ts';
import { stopTemporary, withTemporaryReplica } from './temporary-replica.ts';

it('says with what a replica wrote that it stopped answering, and leaves other errors as they are', async () => {
  const clock = new SelfMovingClock();
  let replicas = [{ replicaId: 'r-1', state: 'ready', endpoint: 'http://127.0.0.1:1' } as ObservedReplica];
  const platform = {
    apply: async (_owner: unknown, sets: readonly unknown[]) => {
      if (sets.length === 0) replicas = [];
    },
    observe: async () => replicas,
    logs: async () => ['out of memory'],
  } as unknown as Platform;
  const { code, model } = aRelease(1);
  const run = (error: Error) => {
    replicas = [{ replicaId: 'r-1', state: 'ready', endpoint: 'http://127.0.0.1:1' } as ObservedReplica];
    return withTemporaryReplica(contextOf({ clock }), platform, 's', { code, model }, () => Promise.reject(error));
  };
  const away = new PlimsollError({ code: 'replica-unreachable', category: 'unavailable', message: 'nothing came' });
  await expect(run(away)).rejects.toMatchObject({
    code: 'replica-died',
    message: 'the replica stopped answering; nothing was recorded: nothing came\n    out of memory',
    next: 'mend what the output says, then run the command again',
  });
  const other = new Error('other');
  await expect(run(other)).rejects.toBe(other);
});

/** What is said while the only replica drains for so long. */
async function stop(drainsForMs: number): Promise<readonly string[]> {
  const clock = new SelfMovingClock();
  const notes: string[] = [];
  const draining = { state: 'draining', reason: 'process 7 finishes 1 request' } as ObservedReplica;
  const platform = {
    apply: () => Promise.resolve(),
    observe: () => Promise.resolve(clock.monotonicMs() < drainsForMs ? [draining] : []),
  } as unknown as Platform;
  const terminal = { note: (text: string) => void notes.push(text) } as never;
  await stopTemporary({ clock, terminal }, platform, { service: 's', environment: 'e' });
  return notes;
}

it('says nothing of a replica that stops soon', async () => {
  expect(await stop(1_900)).toEqual([]);
});

it('says what a replica waits for that does not stop, and how long at most', async () => {
  expect(await stop(8_000)).toEqual([
    '  replica has not stopped yet: draining: process 7 finishes 1 request; waited 2s, at most 13s more',
    '  replica has not stopped yet: draining: process 7 finishes 1 request; waited 7s, at most 8s more',
  ]);
});

it('names a replica that is left behind', async () => {
  expect((await stop(60_000)).at(-1)).toBe(
    '  replica has not stopped yet: draining: process 7 finishes 1 request; given up after 15s; next: plimsoll up, or the next command, stops it',
  );
});
