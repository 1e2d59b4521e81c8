import { quantileOf } from '../../statistics/limits/quantile-limits.ts';
import { seededRandom } from '../../statistics/random.ts';
import type { LinearSolver } from '../linear-program.ts';
import type { NamedReplicas } from '../named/named-task.ts';
import type { AllPlaced } from '../plan/plan-placement.ts';
import { totalDeviceMilli, wholeDeviceMilli } from '../room.ts';
import { replicaMicrosPerHour, type PlanPrices, type PricedNode } from './ahead-money.ts';
import { drawDemand, estimateDemand } from './demand/demand-forecast.ts';
import { weekdayOf } from './demand/fit-history.ts';
import { findFirstUnfit, largestOf, trailingLargest, type Counts } from './first-unfit.ts';
import { makeFitJudge, type FitJudge } from './fit-judge.ts';
import {
  drawFactors,
  estimateFactors,
  needAtPeak,
  needOnAverage,
  type Limits,
  type NeedFactors,
  type PlannedService,
} from './service-need.ts';

/** What a capacity plan is made from. */
export interface AheadTask {
  /** Start of the first day, UTC. */
  readonly startMs: number;
  /** Days that are planned; 1 or more. */
  readonly days: number;
  readonly nodes: readonly PricedNode[];
  readonly services: readonly PlannedService[];
  /** Replicas and reserved room that do not change. */
  readonly fixed: readonly NamedReplicas[];
  /** Nodes that may be lost at once while all replicas still have to fit. */
  readonly nodesDown: number;
  /** Null where nothing has a price. */
  readonly prices: PlanPrices | null;
  readonly draws: number;
  readonly seed: number;
}

/** One week of the plan, or what is left of it. Limits are the 90% interval over the draws, widened to hold the estimate. */
export interface AheadWeek {
  readonly startMs: number;
  readonly days: number;
  /** At the peak of the week, in the order of the services. */
  readonly replicas: readonly Limits[];
  /** Devices that these replicas hold. */
  readonly devices: Limits;
  /** Device time of the week, in millionths of the currency; null without prices. */
  readonly micros: Limits | null;
  /** By the estimate, with `nodesDown` nodes lost. */
  readonly allPlaced: AllPlaced;
  /** Share of the draws whose replicas did not fit by the end of the week. */
  readonly fullShare: number;
}

/** When the pool is full. A date is the start of a day; null: not before the end of the plan. */
export interface FullDates {
  /** First day by the estimate for which no plan was found. */
  readonly notFoundMs: number | null;
  /** First day by the estimate for which it is proven that there is no plan. */
  readonly provenMs: number | null;
  /** 90% interval of the first day over the draws. */
  readonly earlyMs: number | null;
  readonly lateMs: number | null;
  /** Share of the draws in which the pool is full before the end. */
  readonly share: number;
}

export interface AheadPlan {
  readonly weeks: readonly AheadWeek[];
  readonly full: FullDates;
  /** What binds on the first day that does not fit; empty where all fit. */
  readonly binding: readonly { readonly lost: readonly string[]; readonly allPlaced: AllPlaced }[];
  /** Devices of the pool. */
  readonly devices: number;
  /** Devices of the largest nodes that may be lost. */
  readonly devicesDown: number;
  /** The day on which a service first needs more replicas than `scaling.replicas.max`, by the estimate. */
  readonly maxReachedMs: readonly (number | null)[];
  /** Placements that were planned. */
  readonly planned: number;
  /** Whether draws would have needed more placements; their dates are then too early by up to what a better search finds. */
  readonly drawsCut: boolean;
}

const dayMs = 86_400_000;
const daysOfWeek = 7;
const hoursOfDay = 24;
/** Placements that are planned for the draws; a few milliseconds each for 100 nodes. */
const drawnPlansAtMost = 600;
const intervalShares = [0.05, 0.95] as const;

/** What one path of demand comes to. */
interface Path {
  /** Replicas at the peak of each day. */
  readonly counts: readonly Counts[];
  /** Of each week; null without prices. */
  readonly micros: readonly (number | null)[];
}

/**
 * Returns the plan: replicas, devices and money of each week, and the day when the pool is full.
 *
 * The replicas of a day are the largest of the last seven days, so that a quiet Sunday is no room. A day fits where all
 * replicas fit on the pool after the worst loss of `nodesDown` nodes. Intervals come from `draws` seeded draws of demand, of
 * the rate of a replica and of the peak; draws of different services are independent.
 */
export function planAhead(task: AheadTask, solver: LinearSolver): AheadPlan {
  const judge = makeFitJudge({ ...task, rows: task.services.map(({ row }) => row) }, solver);
  const prices = listDayPrices(task);
  const estimate = followPath(task, prices, task.services.map(estimatePath(task.days)));
  const placed = trailingLargest(estimate.counts, daysOfWeek);
  const findNotFound = (): number | null => findFirstUnfit(placed, (counts) => judge.judge(counts) === 'yes');
  findNotFound();
  const random = seededRandom(task.seed);
  const paths = Array.from({ length: task.draws }, () => {
    const drawn = task.services.map((service) => ({
      factors: drawFactors(service, random),
      rates: drawDemand(service.demand, task.days, random),
    }));
    return followPath(task, prices, drawn);
  });
  const drawsFrom = judge.planned();
  const unfit = paths.map(({ counts }) => findFirstWeek(counts, judge, drawsFrom + drawnPlansAtMost));
  const drawsCut = judge.planned() >= drawsFrom + drawnPlansAtMost;
  // Draws may have found plans with more replicas.
  const notFound = findNotFound();
  const proven = findFirstUnfit(placed, (counts) => judge.judge(counts) !== 'impossible');
  const dateOf = (day: number | null): number | null => (day === null ? null : task.startMs + day * dayMs);
  return {
    weeks: listWeeks(task, estimate, paths, unfit, judge),
    full: {
      notFoundMs: dateOf(notFound),
      provenMs: dateOf(proven),
      ...fullInterval({ unfit, notFound, days: task.days }, dateOf),
    },
    binding: notFound === null ? [] : judge.listBinding(placed[notFound] ?? []),
    devices: task.nodes.reduce((sum, { shape }) => sum + shape.devices, 0),
    devicesDown: devicesOfLargest(task),
    maxReachedMs: task.services.map(({ atMost }, at) => {
      const day = estimate.counts.findIndex((counts) => atMost !== null && (counts[at] ?? 0) > atMost);
      return dateOf(day === -1 ? null : day);
    }),
    planned: judge.planned(),
    drawsCut,
  };
}

/** Returns the first day by the estimate on which the replicas do not fit; null where they fit to the end. */
export function findFullDay(task: AheadTask, judge: FitJudge): number | null {
  const estimates = task.services.map(estimatePath(task.days));
  return findFirstDay(followPath(task, null, estimates).counts, judge);
}

/** Returns the replicas of each day by the estimate, the largest of the last seven days. */
export function estimateCounts(task: Pick<AheadTask, 'startMs' | 'days' | 'services'>): readonly Counts[] {
  const estimates = task.services.map(estimatePath(task.days));
  return trailingLargest(followPath(task, null, estimates).counts, daysOfWeek);
}

const findFirstDay = (counts: readonly Counts[], judge: FitJudge): number | null =>
  findFirstUnfit(trailingLargest(counts, daysOfWeek), (each) => judge.judge(each) === 'yes');

interface DrawnService {
  readonly factors: NeedFactors;
  readonly rates: readonly number[];
}

const estimatePath =
  (days: number) =>
  (service: PlannedService): DrawnService => ({
    factors: estimateFactors(service),
    rates: estimateDemand(service.demand, days),
  });

/**
 * Returns the first day of the first week whose peak does not fit; null where all fit. Once so many placements were planned, a
 * peak without a simple answer counts as one that does not fit.
 */
function findFirstWeek(counts: readonly Counts[], judge: FitJudge, plansAtMost: number): number | null {
  const peaks = listWeekDays(counts.length).map(({ from, until }) => largestOf(counts.slice(from, until)));
  const fits = (each: Counts): boolean => judge.judge(each, judge.planned() < plansAtMost) === 'yes';
  const week = findFirstUnfit(peaks, fits);
  return week === null ? null : week * daysOfWeek;
}

/** Prices of one replica of each service by day; null where one of them is missing on any day. */
type DayPrices = readonly (readonly number[])[];

function listDayPrices({ prices, services, nodes, days, startMs }: AheadTask): DayPrices | null {
  if (prices === null) return null;
  const all = Array.from({ length: days }, (_, day) =>
    services.map(({ row }) => replicaMicrosPerHour(row, nodes, prices, startMs + day * dayMs)),
  );
  return all.every((day) => day.every((price) => price !== null)) ? all : null;
}

function followPath(
  { services, days, startMs }: Pick<AheadTask, 'services' | 'days' | 'startMs'>,
  prices: DayPrices | null,
  drawn: readonly DrawnService[],
): Path {
  const firstDay = Math.floor(startMs / dayMs);
  const rateOf = (service: number, day: number): number => {
    const factor = services[service]?.weekday?.[weekdayOf(firstDay + day)] ?? 1;
    return factor * (drawn[service]?.rates[day] ?? 0);
  };
  const counts = Array.from({ length: days }, (_, day) =>
    services.map((service, at) =>
      needAtPeak(rateOf(at, day), drawn[at]?.factors ?? estimateFactors(service), service.floor),
    ),
  );
  const dayMicros = (day: number): number =>
    services.reduce((sum, service, at) => {
      const held = needOnAverage(rateOf(at, day), drawn[at]?.factors ?? estimateFactors(service), service);
      return sum + held * hoursOfDay * (prices?.[day]?.[at] ?? 0);
    }, 0);
  const micros = listWeekDays(days).map(({ from, until }) => {
    if (prices === null) return null;
    let sum = 0;
    for (let day = from; day < until; day += 1) sum += dayMicros(day);
    return sum;
  });
  return { counts, micros };
}

const listWeekDays = (days: number): readonly { readonly from: number; readonly until: number }[] =>
  Array.from({ length: Math.ceil(days / daysOfWeek) }, (_, week) => ({
    from: week * daysOfWeek,
    until: Math.min(days, (week + 1) * daysOfWeek),
  }));

function listWeeks(
  task: AheadTask,
  estimate: Path,
  paths: readonly Path[],
  unfit: readonly (number | null)[],
  judge: FitJudge,
): readonly AheadWeek[] {
  const devicesOf = (counts: Counts): number =>
    task.services.reduce(
      (sum, { row }, at) => sum + ((counts[at] ?? 0) * totalDeviceMilli(row.shape)) / wholeDeviceMilli,
      0,
    );
  return listWeekDays(task.days).map(({ from, until }, week) => {
    const peakOf = ({ counts }: Path): Counts => largestOf(counts.slice(from, until));
    const [own, drawn] = [peakOf(estimate), paths.map(peakOf)];
    const micros = estimate.micros[week] ?? null;
    return {
      startMs: task.startMs + from * dayMs,
      days: until - from,
      replicas: own.map((count, at) =>
        limitsOf(
          count,
          drawn.map((counts) => counts[at] ?? 0),
        ),
      ),
      devices: limitsOf(devicesOf(own), drawn.map(devicesOf)),
      micros:
        micros === null
          ? null
          : limitsOf(
              micros,
              paths.map((path) => path.micros[week] ?? 0),
            ),
      allPlaced: judge.judge(own),
      fullShare: shareOf(unfit, (day) => day < until),
    };
  });
}

function limitsOf(estimate: number, drawn: readonly number[]): Limits {
  const sorted = [...drawn].sort((a, b) => a - b);
  const [low, high] = intervalShares.map((share) => quantileOf(sorted, share) ?? estimate);
  return { lower: Math.min(estimate, low ?? estimate), estimate, upper: Math.max(estimate, high ?? estimate) };
}

const shareOf = (unfit: readonly (number | null)[], holds: (day: number) => boolean): number =>
  unfit.length === 0 ? 0 : unfit.filter((day) => day !== null && holds(day)).length / unfit.length;

/** The first day of the early week to the last day of the late one, widened to hold the estimate. */
function fullInterval(
  found: { readonly unfit: readonly (number | null)[]; readonly notFound: number | null; readonly days: number },
  dateOf: (day: number | null) => number | null,
): Pick<FullDates, 'earlyMs' | 'lateMs' | 'share'> {
  const { unfit, days } = found;
  const estimate = found.notFound ?? Infinity;
  const sorted = unfit.map((day) => day ?? Infinity).sort((a, b) => a - b);
  const [early, late] = intervalShares.map((share) => quantileOf(sorted, share) ?? estimate);
  const lastDay = Math.min(days - 1, (late ?? estimate) + daysOfWeek - 1);
  const from = Math.min(estimate, early ?? estimate);
  const until = Math.max(estimate, late === Infinity ? Infinity : lastDay);
  const finite = (day: number): number | null => (Number.isFinite(day) ? day : null);
  return { earlyMs: dateOf(finite(from)), lateMs: dateOf(finite(until)), share: shareOf(unfit, () => true) };
}

function devicesOfLargest({ nodes, nodesDown }: AheadTask): number {
  const devices = nodes.map(({ shape }) => shape.devices).sort((a, b) => b - a);
  return devices.slice(0, nodesDown).reduce((sum, count) => sum + count, 0);
}
