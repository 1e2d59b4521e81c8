import { expect, test } from 'vitest';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { TurnPace } from './turn-pace.ts';

const never = new AbortController().signal;

/** When the next turn is due, in milliseconds since this one began, where `during` happens meanwhile. */
async function dueAfterMs(during: (pace: TurnPace, clock: FakeClock) => Promise<void> | void): Promise<number> {
  const clock = new FakeClock();
  const pace = new TurnPace(clock);
  pace.begin();
  let dueMs: number | null = null;
  await during(pace, clock);
  void pace.next(1_000, never).then(() => (dueMs = clock.monotonicMs()));
  while (dueMs === null) await clock.advance(10);
  return dueMs;
}

test('a turn is due a period after the one before', async () => {
  expect(await dueAfterMs(() => undefined)).toBe(1_000);
});

test('a turn that was asked for is due at once, and one after a change soon', async () => {
  expect(await dueAfterMs((pace) => pace.kick())).toBeLessThanOrEqual(10);
  expect(await dueAfterMs((pace) => pace.hint())).toBe(200);
});

test('changes that go on do not put the turn off, and one that is asked for comes before them', async () => {
  expect(await dueAfterMs((pace) => [1, 2, 3].forEach(() => pace.hint()))).toBe(200);
  const both = (pace: TurnPace): void => {
    pace.kick();
    pace.hint();
  };
  expect(await dueAfterMs(both)).toBeLessThanOrEqual(10);
});

test('a change while it waits brings the turn forward', async () => {
  const clock = new FakeClock();
  const pace = new TurnPace(clock);
  pace.begin();
  let dueMs: number | null = null;
  void pace.next(1_000, never).then(() => (dueMs = clock.monotonicMs()));
  await clock.advance(150);
  pace.hint();
  for (let waited = 0; waited < 20 && dueMs === null; waited += 1) await clock.advance(10);
  expect(dueMs).toBe(200);
});

test('what was asked for before the turn began is forgotten, and an end is not waited for', async () => {
  const ended = new AbortController();
  const clock = new FakeClock();
  const pace = new TurnPace(clock);
  pace.kick();
  pace.begin();
  let isOver = false;
  const over = pace.next(1_000, ended.signal).then(() => (isOver = true));
  await clock.advance(500);
  expect(isOver).toBe(false);
  ended.abort();
  await over;
  expect(clock.monotonicMs()).toBe(500);
});
