import { expect, it } from 'vitest';
import { ReplicaProgress } from './replica-progress.ts';

it('tells how long the oldest request waits for its first byte', () => {
  const progress = new ReplicaProgress();
  const first = { sinceMs: 100, allowedMs: 30_000 };
  progress.waits(first);
  progress.waits({ sinceMs: 200, allowedMs: 10_000 });
  expect(progress.report(1_100)).toMatchObject({ waiting: 2, oldestMs: 1_000, allowedMs: 30_000 });
  progress.begins(first);
  expect(progress.report(1_100)).toMatchObject({ waiting: 1, oldestMs: 900, givenUp: 0 });
});

it('counts a request whose client waited to the end, and not one that left early', () => {
  const progress = new ReplicaProgress();
  const [patient, early] = [
    { sinceMs: 0, allowedMs: 1_000 },
    { sinceMs: 0, allowedMs: 1_000 },
  ];
  for (const request of [patient, early]) progress.waits(request);
  progress.givesUp(early, 300);
  progress.givesUp(patient, 1_000);
  progress.givesUp(patient, 2_000);
  expect(progress.report(2_000)).toMatchObject({ waiting: 0, givenUp: 1 });
});

it('counts bytes and whole answers, and keeps the longest', () => {
  const progress = new ReplicaProgress();
  progress.came(10);
  progress.finished(500);
  progress.finished(200);
  expect(progress.report(0)).toMatchObject({ bytes: 10, finished: 2, longestMs: 500 });
});
