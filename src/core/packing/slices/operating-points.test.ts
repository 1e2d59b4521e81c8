import { describe, expect, it } from 'vitest';
import { migBoards } from '../../hardware/tables/mig-profiles.ts';
import {
  describeSliceProblem,
  findSliceProblems,
  type OperatingPoint,
  type SlicedService,
} from './operating-points.ts';

const board = migBoards.find(({ name }) => name === 'A30')!;
const good: OperatingPoint = { profile: '1g.6gb', batch: 1, processes: 1, throughputPerSecond: 10, latencyMs: 5 };
const service: SlicedService = { id: 'a', ratePerSecond: 10, latencyMs: 5, points: [good] };

const problemsOf = (...services: readonly SlicedService[]): readonly string[] =>
  findSliceProblems(services, board).map(describeSliceProblem);
const withPoint = (change: Partial<OperatingPoint>): SlicedService => ({
  ...service,
  points: [{ ...good, ...change }],
});

describe('problems of services and their operating points', () => {
  it('finds none where a point is at the objective', () => {
    expect(problemsOf(service, { ...service, id: 'b' })).toEqual([]);
  });

  it.each([NaN, -1, 0, Infinity, 1e-9])('refuses %d as an amount', (value) => {
    const wrong = `${value}. It has to be above 0 and below 9,000,000,000.`;
    expect(problemsOf({ ...service, ratePerSecond: value })).toEqual([`a: ratePerSecond is ${wrong}`]);
    expect(problemsOf({ ...service, latencyMs: value })).toEqual([`a: latencyMs is ${wrong}`]);
    const at = '1g.6gb, batch 1, 1 process';
    expect(problemsOf(withPoint({ throughputPerSecond: value }))).toEqual([
      `a: throughputPerSecond of ${at} is ${wrong}`,
    ]);
    expect(problemsOf(withPoint({ latencyMs: value }))).toEqual([`a: latencyMs of ${at} is ${wrong}`]);
  });

  it.each([0, 1.5, NaN, -2])('refuses %d as a count', (value) => {
    expect(problemsOf(withPoint({ batch: value }))).toEqual([
      `a: batch of 1g.6gb, batch ${value}, 1 process is ${value}. It has to be a whole number from 1.`,
    ]);
    expect(problemsOf(withPoint({ processes: value }))).toEqual([
      `a: processes of 1g.6gb, batch 1, ${value} processes is ${value}. It has to be a whole number from 1.`,
    ]);
  });

  it('names what is given twice, and profiles that the board does not have', () => {
    expect(problemsOf(service, service)).toEqual(['Two services are named a.']);
    expect(problemsOf({ ...service, points: [good, { ...good, latencyMs: 4 }] })).toEqual([
      'a: the operating point 1g.6gb, batch 1, 1 process is given twice.',
    ]);
    expect(problemsOf(withPoint({ profile: '3g.40gb' }))).toEqual([
      'a: the board has no profile 3g.40gb. Its profiles are 1g.6gb, 1g.6gb+me, 2g.12gb, 2g.12gb+me, 4g.24gb.',
    ]);
  });

  it('names the nearest point where none is inside the objective, and a rate that is out of reach', () => {
    const points = [
      good,
      { ...good, batch: 2, latencyMs: 4.5 },
      { ...good, profile: '2g.12gb', processes: 3, latencyMs: 4.6 },
    ];
    expect(problemsOf({ ...service, latencyMs: 4, points })).toEqual([
      'a: no operating point is within 4 ms. The nearest is 1g.6gb, batch 2, 1 process with 4.5 ms.',
    ]);
    expect(problemsOf({ ...service, ratePerSecond: 100_000 })).toEqual([]);
    expect(problemsOf({ ...service, ratePerSecond: 100_001 })).toEqual([
      'a needs 10001 instances of its best point. At most 10000 are planned. Check the units of its rate and throughputs.',
    ]);
    expect(problemsOf({ ...service, points: [] })).toEqual(['a has no operating point.']);
  });
});
