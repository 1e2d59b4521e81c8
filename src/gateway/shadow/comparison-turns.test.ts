import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ComparisonTurns } from './comparison-turns.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate'] }));
afterEach(() => void vi.useRealTimers());

test('turns are given one at a time, in the order in which they were asked for, with the rest between them', () => {
  const turns = new ComparisonTurns();
  const begun: string[] = [];
  for (const name of ['a', 'b', 'c']) turns.ask(() => void begun.push(name));
  expect(begun).toEqual([]);
  vi.advanceTimersByTime(0);
  expect(begun).toEqual(['a']);
  vi.advanceTimersByTime(10_000);
  expect(begun).toEqual(['a']);
  turns.ask(() => void begun.push('a again'));
  turns.over(100);
  vi.advanceTimersByTime(99);
  expect(begun).toEqual(['a']);
  vi.advanceTimersByTime(2);
  expect(begun).toEqual(['a', 'b']);
  turns.over(0);
  vi.advanceTimersByTime(2);
  turns.over(0);
  vi.advanceTimersByTime(2);
  expect(begun).toEqual(['a', 'b', 'c', 'a again']);
});

test('a turn that is asked for in the rest waits for its end', () => {
  const turns = new ComparisonTurns();
  const begun: string[] = [];
  turns.ask(() => turns.over(50));
  vi.advanceTimersByTime(10);
  turns.ask(() => void begun.push('next'));
  vi.advanceTimersByTime(30);
  expect(begun).toEqual([]);
  vi.advanceTimersByTime(20);
  expect(begun).toEqual(['next']);
});
