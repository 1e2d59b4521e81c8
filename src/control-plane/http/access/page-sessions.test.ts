import { expect, it } from 'vitest';
import { FakeClock } from '../../../testing/fakes/fake-clock.ts';
import type { EndedSessions } from '../../../core/access/page-session.ts';
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

it('a session that was ended is refused with every copy of its cookie, after a restart too', async () => {
  const { clock, sessions } = open();
  const kept: EndedSessions[] = [];
  const restart = (): PageSessions =>
    new PageSessions(
      new Uint8Array(32),
      () => clock.nowMs(),
      () => clock.monotonicMs(),
      kept.at(-1) ?? {},
      async (ended) => void kept.push(ended),
    );
  const opened = sessions.redeem(sessions.makeCode('ops').code);
  const other = sessions.redeem(sessions.makeCode('ops').code);
  const running = restart();
  expect(running.read(opened?.cookie ?? '', opened?.writeKey)).toEqual({ from: 'ops', mayWrite: true });
  await running.end(opened?.cookie ?? '');
  await running.end('nonsense');
  for (const each of [running, restart()]) {
    expect(each.read(opened?.cookie ?? '', opened?.writeKey)).toBeNull();
    expect(each.read(other?.cookie ?? '', other?.writeKey)).not.toBeNull();
  }
  await clock.advance(13 * 3_600_000);
  const late = sessions.redeem(sessions.makeCode('ops').code);
  await running.end(late?.cookie ?? '');
  expect(Object.keys(kept.at(-1) ?? {})).toHaveLength(1);
});
