import { expect, it } from 'vitest';
import { ReplicaProgress } from './replica-progress.ts';

it('tells how long the oldest request waits for its first byte', () => {
  const progress = new ReplicaProgress();
  const first = { sinceMs: 100, allowedMs: 30_000, bytes: 10 };
  progress.waits(first);
  progress.waits({ sinceMs: 200, allowedMs: 10_000, bytes: 10 });
  expect(progress.report(1_100)).toMatchObject({ waiting: 2, oldestMs: 1_000, allowedMs: 30_000 });
  progress.begins(first, 1_100);
  expect(progress.report(1_100)).toMatchObject({ waiting: 1, oldestMs: 900, givenUp: 0 });
});

it('counts a request whose client waited to the end, and not one that left early', () => {
  const progress = new ReplicaProgress();
  const [patient, early] = [
    { sinceMs: 0, allowedMs: 1_000, bytes: 10 },
    { sinceMs: 0, allowedMs: 1_000, bytes: 10 },
  ];
  for (const request of [patient, early]) progress.waits(request);
  progress.givesUp(early, 300);
  progress.givesUp(patient, 1_000);
  progress.givesUp(patient, 2_000);
  expect(progress.report(2_000)).toMatchObject({ waiting: 0, givenUp: 1 });
});

it('counts bytes and whole answers, and keeps the longest of the last hour', () => {
  const progress = new ReplicaProgress();
  progress.came(10);
  progress.finished(500, 0);
  progress.finished(200, 0);
  expect(progress.report(0)).toMatchObject({ bytes: 10, finished: 2, longestMs: 500 });
  progress.finished(300, 86_400_000);
  expect(progress.report(86_400_000)).toMatchObject({ finished: 3, longestMs: 300 });
});

it('tells whether one that waits is larger or more patient than those that were answered', () => {
  const progress = new ReplicaProgress();
  const isAlike = (over: object = {}): boolean => {
    const request = { sinceMs: 0, allowedMs: 30_000, bytes: 100, ...over };
    progress.waits(request);
    const { isAlike: alike } = progress.report(0);
    progress.givesUp(request, 0);
    return alike;
  };
  expect(isAlike()).toBe(false);
  const answered = { sinceMs: 0, allowedMs: 30_000, bytes: 100 };
  progress.waits(answered);
  progress.begins(answered, 0);
  expect([isAlike(), isAlike({ bytes: 200 }), isAlike({ bytes: 201 }), isAlike({ allowedMs: 90_000 })]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
