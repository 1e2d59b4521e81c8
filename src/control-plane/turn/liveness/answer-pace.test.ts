import { expect, it } from 'vitest';
import { AnswerPace } from './answer-pace.ts';

it('tells the mean of the last answers, and when they take three times as long as usual', () => {
  const pace = new AnswerPace();
  expect([pace.answerMs, pace.isSlower]).toEqual([0, false]);
  for (let report = 0; report < 100; report += 1) pace.add(10, 1_000);
  expect([pace.answerMs, pace.isSlower]).toEqual([100, false]);
  for (let report = 0; report < 5; report += 1) pace.add(1, 1_000);
  expect([pace.answerMs, pace.isSlower]).toEqual([1_000, true]);
});

it('takes what lasts for the usual', () => {
  const pace = new AnswerPace();
  for (let report = 0; report < 2_000; report += 1) pace.add(10, 1_000);
  for (let report = 0; report < 20_000; report += 1) pace.add(10, 10_000);
  expect(pace.isSlower).toBe(false);
});
