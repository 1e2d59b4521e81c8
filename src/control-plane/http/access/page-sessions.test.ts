import { expect, it } from 'vitest';
import { FakeClock } from '../../../testing/fakes/fake-clock.ts';
import { PageSessions } from './page-sessions.ts';

const tenMinutesMs = 600_000;
const open = () => {
  const clock = new FakeClock();
  const sessions = new PageSessions(
    new Uint8Array(32),
    () => clock.nowMs(),
    () => clock.monotonicMs(),
  );
  return { clock, sessions };
};

it.each([
  ['back', -3_600_000],
  ['forward', 3_600_000],
])('a clock that is set %s by an hour makes no code live longer or shorter', async (_way, stepMs) => {
  const { clock, sessions } = open();
  const [early, late] = [sessions.makeCode('ops'), sessions.makeCode('ops')];
  clock.stepTimeOfDay(stepMs);
  await clock.advance(tenMinutesMs - 1);
  expect(sessions.redeem(early.code)).not.toBeNull();
  await clock.advance(1);
  expect(sessions.redeem(late.code)).toBeNull();
});
