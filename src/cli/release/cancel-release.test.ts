import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ReleaseAsk } from '../../core/rollout/release-ask.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { digestOf } from '../../core/units/digest.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import type { Operations } from '../../ports/records/operations.ts';
import { ReleaseWorld } from '../../testing/rigs/release-world.ts';
import { awaitFetched } from './await-fetched.ts';

let world: ReleaseWorld;
beforeEach(async () => {
  world = await ReleaseWorld.open();
});
afterEach(() => world.close());

const anAsk = (over: Partial<ReleaseAsk> = {}): ReleaseAsk => ({
  id: 'a1',
  service: 'digits',
  environment: 'default',
  bundle: digestOf('bundle'),
  waivers: [],
  again: false,
  by: 'ci',
  atMs: 1,
  state: 'fetching',
  reason: 'its model is fetched from s3://models/1',
  release: null,
  changedAtMs: 1,
  progress: { doneBytes: 0, totalBytes: null },
  ...over,
});

it('takes the open request back, with who asked for it, and says so when none is open', async () => {
  const none = await world.run('release', '--cancel');
  expect([none.exit, none.err]).toEqual([
    2,
    expect.stringContaining('no request to release digits in default is open'),
  ]);
  const lease = await world.store.leases.acquire({ lease: 'tests', holder: 'tests', ttlMs: 1e12, nowMs: 0 });
  await world.store.transaction(lease!, async (tx) => {
    await tx.setReleaseAsk(anAsk({ id: 'a0', state: 'cancelled' }));
    await tx.setReleaseAsk(anAsk());
  });
  const { exit, out } = await world.run('release', '--cancel', '--reason', 'not today');
  expect([exit, out]).toEqual([0, expect.stringContaining('of ci, is cancelled; its model is not fetched any more')]);
  expect(await world.store.releaseAsk('a1')).toMatchObject({ state: 'cancelled', reason: 'not today', progress: null });
  expect((await world.run('release', '--cancel')).exit).toBe(2);
});

it('contradicts an order to the release that comes in', async () => {
  const { exit, err } = await world.run('release', '--cancel', '--abort');
  expect([exit, err]).toEqual([2, expect.stringContaining('--abort and --cancel contradict each other')]);
});

it('whoever waits for the model hears how far it is, why it is tried again, and that it was taken back', async () => {
  const clock = new FakeClock();
  const notes: string[] = [];
  const states: (ReleaseAsk | Error)[] = [
    anAsk({ progress: { doneBytes: 10, totalBytes: 40 } }),
    new PlimsollError({ code: 'control-plane-unreachable', category: 'unavailable', message: 'away' }),
    anAsk({ reason: 'the last try failed: no answer' }),
    anAsk({ state: 'cancelled', reason: 'not today' }),
  ];
  let heard = states[0];
  const operations = {
    releaseAsk: async () => {
      if (heard instanceof Error) throw heard;
      return heard;
    },
  } as unknown as Operations;
  const context = {
    clock,
    signal: new AbortController().signal,
    terminal: { note: (text: string) => void notes.push(text) },
  } as unknown as Parameters<typeof awaitFetched>[0];
  const waiting = awaitFetched(context, operations, anAsk());
  waiting.catch(() => undefined);
  for (const state of states) {
    heard = state;
    await clock.advance(6_000);
  }
  await expect(waiting).rejects.toMatchObject({
    code: 'release-cancelled',
    message: expect.stringContaining('not today'),
  });
  expect(notes).toEqual([
    'its model is fetched from s3://models/1',
    '  request a1: 10B of 40B of the model are there; its model is fetched from s3://models/1; waited 2s',
    '  the control plane is away: away; waited 2s, at most 28s more',
    '  request a1: 0B of the model are there; the last try failed: no answer; waited 12.5s',
    '  request a1: 0B of the model are there; the last try failed: no answer; waited 17.5s',
  ]);
});
