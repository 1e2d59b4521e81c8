import { describe, expect, it } from 'vitest';
import { migBoards } from '../../hardware/tables/mig-profiles.ts';
import { findPlanErrors } from './find-plan-errors.ts';
import type { OperatingPoint, SlicedService } from './operating-points.ts';
import type { PlannedInstance } from './slice-plan.ts';

const board = migBoards.find(({ name }) => name.startsWith('A100-80'))!;
const point = (profile: string, latencyMs = 10): OperatingPoint => ({
  profile,
  batch: 1,
  processes: 1,
  throughputPerSecond: 0.1,
  latencyMs,
});
const points = ['1g.10gb', '1g.10gb+me', '2g.20gb', '3g.40gb', '4g.40gb'].map((profile) => point(profile));
const service: SlicedService = { id: 'a', ratePerSecond: 0.1, latencyMs: 10, points };
const at = (profile: string, start: number, name = 'a'): PlannedInstance => ({
  service: name,
  point: point(profile),
  start,
});
const errorsOf = (...instances: readonly PlannedInstance[]): readonly string[] =>
  findPlanErrors([service], board, [{ instances }]);

describe('errors of a plan of slices', () => {
  it('are none where each instance has its place and the rate is carried', () => {
    expect(errorsOf(at('4g.40gb', 0), at('2g.20gb', 4), at('1g.10gb', 6))).toEqual([]);
    // Eight times 0.1 is a little less than 0.8 in doubles.
    const eight = Array.from({ length: 8 }, (_, index) => ({ instances: [at('1g.10gb', index % 7)] }));
    expect(findPlanErrors([{ ...service, ratePerSecond: 0.8 }], board, eight)).toEqual([]);
  });

  it('are starts that the table does not have, slices taken twice, and too many of a profile', () => {
    expect(errorsOf(at('3g.40gb', 2))).toEqual(['GPU 0: 3g.40gb cannot begin at 2.']);
    expect(errorsOf(at('3g.40gb', 4), at('1g.10gb', 6))).toEqual([
      'GPU 0: 3g.40gb and 1g.10gb share the memory slice 6.',
    ]);
    expect(errorsOf(at('1g.10gb+me', 0), at('1g.10gb+me', 1))).toEqual([
      'GPU 0: It has more than 1 instances of 1g.10gb+me.',
    ]);
    const a30 = migBoards.find(({ name }) => name === 'A30')!;
    const engines = [at('1g.6gb+me', 0), at('2g.12gb+me', 2)];
    expect(findPlanErrors([], a30, [{ instances: engines }])[0]).toBe(
      'GPU 0: 1g.6gb+me and 2g.12gb+me share the media engines.',
    );
    expect(errorsOf(at('1g.10gb', 0), at('9g', 1))).toContain('GPU 0: A100-80 and A800-80 has no profile 9g.');
  });

  it('are rates that are not carried, and services that are not known', () => {
    expect(findPlanErrors([{ ...service, ratePerSecond: 0.3 }], board, [{ instances: [at('1g.10gb', 0)] }])).toEqual([
      'a: 0.1 requests per second are carried. 0.3 are needed.',
    ]);
    expect(errorsOf(at('1g.10gb', 0), at('1g.10gb', 1, 'b'))).toEqual([
      'An instance runs b, which is not one of the services.',
    ]);
  });

  it('are points that the service does not have, and points outside the objective', () => {
    const invented = { ...at('1g.10gb', 0), point: { ...point('1g.10gb'), throughputPerSecond: 9 } };
    expect(errorsOf(invented)).toEqual([
      'a has no point 1g.10gb, batch 1, 1 process with this throughput and latency.',
    ]);
    const slow = point('1g.10gb', 11);
    expect(
      findPlanErrors([{ ...service, points: [slow] }], board, [{ instances: [{ ...at('1g.10gb', 0), point: slow }] }]),
    ).toEqual(['a: 1g.10gb, batch 1, 1 process takes 11 ms. The limit is 10 ms.']);
  });
});
