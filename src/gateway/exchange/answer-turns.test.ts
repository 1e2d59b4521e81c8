import { expect, test } from 'vitest';
import { AnswerTurns } from './answer-turns.ts';

const piece = 64 * 1024;

function makeTurns(): { turns: AnswerTurns; endTurn: () => void } {
  const due: (() => void)[] = [];
  const turns = new AnswerTurns((begin) => void due.push(begin));
  return { turns, endTurn: () => due.splice(0).forEach((begin) => begin()) };
}

test('a turn lets 256 KiB of large answers through, and the next one goes on with those that waited, in order', () => {
  const { turns, endTurn } = makeTurns();
  const resumed: number[] = [];
  const took = Array.from({ length: 40 }, (_, index) => turns.take(piece, () => void resumed.push(index)));
  expect(took.indexOf(false)).toBe(3);
  expect(resumed).toEqual([]);
  endTurn();
  expect(resumed).toEqual([3, 4, 5, 6]);
  for (let turn = 0; turn < 9; turn += 1) endTurn();
  expect(resumed).toEqual(Array.from({ length: 37 }, (_, index) => 3 + index));
  expect(turns.take(piece, () => undefined)).toBe(true);
});

test('small pieces never wait', () => {
  const { turns } = makeTurns();
  for (let n = 0; n < 40; n += 1) turns.take(piece, () => undefined);
  expect(turns.take(300, () => expect.unreachable())).toBe(true);
});

test('one that waits again in its resuming waits for the turn after', () => {
  const { turns, endTurn } = makeTurns();
  let times = 0;
  const again = (): void => {
    times += 1;
    turns.take(3 * 1024 * 1024, again);
  };
  turns.take(3 * 1024 * 1024, again);
  endTurn();
  expect(times).toBe(1);
  endTurn();
  expect(times).toBe(2);
});

test('beside small answers, turns are half a MiB, each after a pause, until no small one came for 1,000 turns', () => {
  const [next, paused]: [(() => void)[], (() => void)[]] = [[], []];
  const turns = new AnswerTurns(
    (begin) => void next.push(begin),
    (begin) => void paused.push(begin),
  );
  turns.note(300);
  let resumed = 0;
  const again = (): void => {
    resumed += 1;
    if (!turns.take(piece, again)) return;
    again();
  };
  again();
  for (let turn = 1; turn <= 1_000; turn += 1) {
    const before = resumed;
    expect(next).toEqual([]);
    paused.splice(0).forEach((begin) => begin());
    expect(resumed - before).toBe(8);
  }
  expect(paused).toEqual([]);
  expect(next).toHaveLength(1);
});
