import type { Remedy } from './find-remedies.ts';
import type { AheadPlan, AheadTask, AheadWeek, FullDates } from './plan-ahead.ts';
import type { PlannedService } from './service-need.ts';

/** A service with its demand, and where each number is from. */
export interface SourcedService {
  readonly service: PlannedService;
  /** One text for each number: `20 requests/s now (scaling evidence, requests.csv)`. */
  readonly from: readonly string[];
  readonly notes: readonly string[];
}

/** What a capacity plan found; `plimsoll capacity plan --json` and the page have it. Days are dates, UTC. */
export interface PlanReport {
  readonly pool: string;
  readonly from: string;
  /** The last day. */
  readonly until: string;
  readonly nodesDown: number;
  readonly nodes: number;
  readonly devices: number;
  /** Of the largest nodes that may be lost. */
  readonly devicesDown: number;
  readonly currency: string | null;
  readonly services: readonly {
    readonly name: string;
    readonly from: readonly string[];
    readonly floor: number;
    readonly atMost: number | null;
    /** The day on which the estimate first needs more than `scaling.replicas.max`. */
    readonly maxReached: string | null;
  }[];
  readonly weeks: readonly PlanWeek[];
  readonly full: PlanFull;
  readonly binding: readonly PlanLoss[];
  readonly remedies: readonly Remedy[];
  readonly draws: number;
  readonly seed: number;
  readonly intervalShare: number;
  readonly notes: readonly string[];
}

/** `micros` are millionths of the currency. */
export interface PlanWeek extends Omit<AheadWeek, 'startMs'> {
  readonly from: string;
}

/** Null: not before the end of the plan. */
export interface PlanFull {
  readonly notFound: string | null;
  readonly proven: string | null;
  readonly early: string | null;
  readonly late: string | null;
  readonly share: number;
}

/** Nodes whose loss leaves no room; nodes of their shape are alike. */
export interface PlanLoss {
  readonly lost: readonly string[];
  readonly alike: number;
  readonly proven: boolean;
}

const dayMs = 86_400_000;

export function makePlanReport(found: {
  readonly ground: { readonly pool: string; readonly notes: readonly string[] };
  readonly services: readonly SourcedService[];
  readonly task: AheadTask;
  readonly plan: AheadPlan;
  readonly remedies: readonly Remedy[];
}): PlanReport {
  const { ground, services, task, plan, remedies } = found;
  return {
    pool: ground.pool,
    from: dayOf(task.startMs),
    until: dayOf(task.startMs + (task.days - 1) * dayMs),
    nodesDown: task.nodesDown,
    nodes: task.nodes.length,
    devices: plan.devices,
    devicesDown: plan.devicesDown,
    currency: task.prices?.book.currency ?? null,
    services: services.map(({ service, from }, at) => ({
      name: service.row.name,
      from,
      floor: service.floor,
      atMost: service.atMost,
      maxReached: dayOrNull(plan.maxReachedMs[at] ?? null),
    })),
    weeks: plan.weeks.map(({ startMs, ...week }) => ({ from: dayOf(startMs), ...week })),
    full: fullOf(plan.full),
    binding: plan.binding.map(({ lost, allPlaced }) => ({
      lost,
      alike: countAlike(task, lost),
      proven: allPlaced === 'impossible',
    })),
    remedies,
    draws: task.draws,
    seed: task.seed,
    intervalShare: 0.9,
    notes: [...ground.notes, ...services.flatMap(({ notes }) => notes), ...planNotes(task, plan)],
  };
}

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
const dayOrNull = (atMs: number | null): string | null => (atMs === null ? null : dayOf(atMs));

const fullOf = ({ notFoundMs, provenMs, earlyMs, lateMs, share }: FullDates): PlanFull => ({
  notFound: dayOrNull(notFoundMs),
  proven: dayOrNull(provenMs),
  early: dayOrNull(earlyMs),
  late: dayOrNull(lateMs),
  share,
});

function countAlike({ nodes }: AheadTask, [name]: readonly string[]): number {
  const shape = JSON.stringify(nodes.find((node) => node.name === name)?.shape);
  return name === undefined ? 0 : nodes.filter((node) => JSON.stringify(node.shape) === shape).length;
}

function planNotes({ prices, services }: AheadTask, { weeks, drawsCut }: AheadPlan): readonly string[] {
  const isPriced = weeks.every(({ micros }) => micros !== null);
  const hasMean = services.every(({ held: { mean } }) => mean > 1);
  return [
    ...(prices === null ? ['no money: no prices are named (--prices, or cost.prices of the contract)'] : []),
    ...(prices !== null && !isPriced
      ? ['no money: the price book has no price for a device that a service may hold']
      : []),
    ...(isPriced && !hasMean
      ? ['money is that of the mean demand where no scaling evidence says how much more the policy holds']
      : []),
    ...(drawsCut
      ? ['the interval of the full date may begin a few weeks too early: there was no time to plan every draw']
      : []),
  ];
}
