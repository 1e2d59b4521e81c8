import type { MigBoard } from '../../hardware/tables/mig-profiles.ts';

/** One measured or stated way to run a model in one MIG instance. MPS shares the instance among the processes. */
export interface OperatingPoint {
  /** A profile of the board's table: `3g.40gb`. */
  readonly profile: string;
  /** Requests in one batch of one process. */
  readonly batch: number;
  /** Processes that share the instance. */
  readonly processes: number;
  /** Requests per second of all processes together. */
  readonly throughputPerSecond: number;
  /** Latency of one batch. Waiting for the batch is not in it. */
  readonly latencyMs: number;
}

/** One service, the rate that it has to carry, and the points that it can run at. */
export interface SlicedService {
  readonly id: string;
  readonly ratePerSecond: number;
  /** A point is inside the objective when its latency is at most this. */
  readonly latencyMs: number;
  readonly points: readonly OperatingPoint[];
}

export type SliceProblem =
  | { readonly kind: 'duplicate-service'; readonly service: string }
  | { readonly kind: 'bad-number'; readonly service: string; readonly field: string; readonly value: number }
  | { readonly kind: 'unknown-profile'; readonly service: string; readonly profile: string; readonly known: string }
  | { readonly kind: 'duplicate-point'; readonly service: string; readonly point: OperatingPoint }
  | {
      readonly kind: 'no-point-inside';
      readonly service: string;
      readonly limitMs: number;
      /** The point with the lowest latency; null when the service has no points. */
      readonly nearest: OperatingPoint | null;
    }
  | { readonly kind: 'too-many-instances'; readonly service: string; readonly instances: number };

/** Rates stay below 9 billion a second, so that their millionths are exact whole numbers. */
const largest = 9e9;
/** Instances that one service may need at its best point. More are a wrong unit, or a question for a fleet and not for slices. */
const instancesAtMost = 10_000;

/**
 * Returns what is wrong with the services, in their order; an empty list when slices can be chosen for them.
 *
 * | problem | when |
 * |---|---|
 * | `duplicate-service` | two services have the same id |
 * | `bad-number` | a rate, latency or throughput is not above 0 and below 9e9; a batch or count is not a whole number from 1 |
 * | `unknown-profile` | the table of the board has no such profile |
 * | `duplicate-point` | two points have the same profile, batch and processes |
 * | `no-point-inside` | no point is inside the objective; the nearest is named |
 * | `too-many-instances` | more than 10,000 instances of its best point are needed |
 *
 * The last two are told of services without another problem.
 */
export function findSliceProblems(services: readonly SlicedService[], board: MigBoard): readonly SliceProblem[] {
  const seen = new Set<string>();
  return services.flatMap((service) => {
    const duplicate: readonly SliceProblem[] = seen.has(service.id)
      ? [{ kind: 'duplicate-service', service: service.id }]
      : [];
    seen.add(service.id);
    const wrong = [...duplicate, ...findBadNumbers(service), ...findPointProblems(service, board)];
    return wrong.length > 0 ? wrong : findOutOfReach(service);
  });
}

function findBadNumbers({ id, ratePerSecond, latencyMs, points }: SlicedService): readonly SliceProblem[] {
  const amounts = [
    ['ratePerSecond', ratePerSecond],
    ['latencyMs', latencyMs],
    ...points.flatMap((point) => [
      [`throughputPerSecond of ${describePoint(point)}`, point.throughputPerSecond] as const,
      [`latencyMs of ${describePoint(point)}`, point.latencyMs] as const,
    ]),
  ] as const;
  const counts = points.flatMap((point) => [
    [`batch of ${describePoint(point)}`, point.batch] as const,
    [`processes of ${describePoint(point)}`, point.processes] as const,
  ]);
  return [
    ...amounts.filter(([, value]) => !(value >= 1e-6 && value < largest)),
    ...counts.filter(([, value]) => !Number.isSafeInteger(value) || value < 1),
  ].map(([field, value]) => ({ kind: 'bad-number', service: id, field, value }));
}

function findPointProblems({ id, points }: SlicedService, board: MigBoard): readonly SliceProblem[] {
  const known = board.profiles.map(({ profile }) => profile);
  const seen = new Set<string>();
  return points.flatMap((point): readonly SliceProblem[] => {
    if (!known.includes(point.profile)) {
      return [{ kind: 'unknown-profile', service: id, profile: point.profile, known: known.join(', ') }];
    }
    const key = describePoint(point);
    if (seen.has(key)) return [{ kind: 'duplicate-point', service: id, point }];
    seen.add(key);
    return [];
  });
}

function findOutOfReach({ id, latencyMs, points, ratePerSecond }: SlicedService): readonly SliceProblem[] {
  const inside = points.filter((point) => point.latencyMs <= latencyMs);
  const [first, ...rest] = points;
  if (inside.length === 0) {
    const nearest =
      first === undefined ? null : rest.reduce((low, point) => (point.latencyMs < low.latencyMs ? point : low), first);
    return [{ kind: 'no-point-inside', service: id, limitMs: latencyMs, nearest }];
  }
  const most = Math.max(...inside.map(({ throughputPerSecond }) => throughputPerSecond));
  const instances = Math.ceil(ratePerSecond / most);
  return instances > instancesAtMost ? [{ kind: 'too-many-instances', service: id, instances }] : [];
}

/** One sentence about a problem, for people. */
export function describeSliceProblem(problem: SliceProblem): string {
  const { service } = problem;
  switch (problem.kind) {
    case 'duplicate-service':
      return `Two services are named ${service}.`;
    case 'bad-number':
      return `${service}: ${problem.field} is ${problem.value}. ${
        /^(batch|processes)/.test(problem.field)
          ? 'It has to be a whole number from 1.'
          : 'It has to be above 0 and below 9,000,000,000.'
      }`;
    case 'unknown-profile':
      return `${service}: the board has no profile ${problem.profile}. Its profiles are ${problem.known}.`;
    case 'duplicate-point':
      return `${service}: the operating point ${describePoint(problem.point)} is given twice.`;
    case 'no-point-inside':
      return problem.nearest === null
        ? `${service} has no operating point.`
        : `${service}: no operating point is within ${problem.limitMs} ms. The nearest is ${describePoint(
            problem.nearest,
          )} with ${problem.nearest.latencyMs} ms.`;
    case 'too-many-instances':
      return `${service} needs ${problem.instances} instances of its best point. At most ${instancesAtMost} are planned. Check the units of its rate and throughputs.`;
  }
}

/** `3g.40gb, batch 16, 3 processes`. */
export function describePoint({ profile, batch, processes }: OperatingPoint): string {
  return `${profile}, batch ${batch}, ${processes} ${processes === 1 ? 'process' : 'processes'}`;
}
