import type { NamedPlacement, NamedRest, NamedTask } from '../../core/packing/named/named-task.ts';
import { nanoPerUnit } from '../../core/packing/packing-task.ts';
import type { ConflictVerdict } from '../../core/packing/plan/find-conflict.ts';
import type { Stranded, StrandedCause } from '../../core/packing/plan/find-stranded.ts';
import type { PackingPlan, PlanVerdict } from '../../core/packing/plan/plan-placement.ts';
import type { ConstraintPrice } from '../../core/packing/plan/price-constraints.ts';
import { wholeDeviceMilli } from '../../core/packing/room.ts';
import type { PlanFile } from '../../schemas/packing/plan-file.ts';
import { wayLines, type WayToPlan } from './moves-text.ts';
import { conflictLines, priceLines } from './prices-text.ts';
import { ruleLines } from './rules-text.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

export interface ShownPlan {
  readonly named: NamedTask;
  readonly planned: PackingPlan;
  readonly placed: { readonly nodes: readonly NamedPlacement[]; readonly unplaced: readonly NamedRest[] };
  readonly stranded: readonly Stranded[];
  /** Thousandths of devices on nodes that are not used. */
  readonly emptyMilli: number;
  /** The file of the plan; null where none was written. */
  readonly written: string | null;
  /** What the plan leaves out of account. */
  readonly notes: readonly string[];
  /** What one change gives at most, the most first. */
  readonly prices: readonly ConstraintPrice[];
  /** What cannot be placed together; null where nobody asked. */
  readonly conflict: ConflictVerdict | null;
  /** The way from the present placement; null where none is given. */
  readonly way: WayToPlan | null;
}

const nodesShown = 20;
const restShown = 10;

/** Returns the plan for people: what it reaches and its bound, what is left and why, what one change gives, who goes where. */
export function planText(shown: ShownPlan): string {
  const { named, planned, placed } = shown;
  return textOfLines([
    sizeLine(named),
    reachedLine(named, planned),
    ...restLines(planned, placed.unplaced),
    ...ruleLines(named, planned.placement),
    ...strandedLines(shown),
    ...priceLines(named, shown.prices),
    ...conflictLines(named, shown.conflict),
    ...shown.notes.map((note) => `note: ${note}`),
    '',
    ...nodeLines(placed.nodes),
    ...(shown.way === null ? [] : wayLines(shown.way)),
    shown.written === null
      ? 'next: --out FILE writes the plan'
      : `written to ${shown.written}; check it with --verify ${shown.written}`,
  ]);
}

/** Returns what became of the check of a plan, for people. */
export function verifiedText(
  shown: string,
  { objective, certificate, valueNano }: PlanFile,
  verdict: PlanVerdict,
): string {
  if (verdict.verdict === 'refused') return `FAIL ${shown} does not hold: ${verdict.reason}`;
  const unit = unitOf(objective);
  const bound = amountOf(BigInt(certificate.boundNano));
  const limit =
    objective === 'fewest-nodes' ? `no plan needs less than ${bound}` : `no plan reaches more than ${bound}`;
  return `PASS ${shown} holds: ${amountOf(BigInt(valueNano))} ${unit}; ${limit}`;
}

type Planned = Pick<ShownPlan, 'named' | 'planned'>;

/** Returns what a change of the nodes would give, for people. */
export function comparedText(changes: readonly string[], before: Planned, after: Planned): string {
  const rows = [before, after].map(({ named, planned }, at) => {
    const left = planned.placement.unplaced.reduce((sum, count) => sum + count, 0);
    const { valueNano, certificate } = planned;
    const cells = [
      amountOf(valueNano),
      amountOf(certificate.boundNano),
      whole(left),
      devicesOf(countDeviceMilli(named)),
    ];
    return [at === 0 ? 'now' : changes.join(' '), ...cells];
  });
  const isNodes = before.named.task.objective === 'fewest-nodes';
  const head = ['', isNodes ? 'NODES USED' : 'DEVICES HELD', 'BOUND', 'NOT PLACED', 'DEVICES'];
  return textOfLines(alignedTable([head, ...rows]));
}

const countDeviceMilli = ({ task }: NamedTask): number =>
  task.nodes.reduce((sum, { count, shape }) => sum + count * shape.devices * wholeDeviceMilli, 0);

const unitOf = (objective: PlanFile['objective']): string => (objective === 'fewest-nodes' ? 'nodes' : 'devices');

function sizeLine({ task }: NamedTask): string {
  const nodes = task.nodes.reduce((sum, { count }) => sum + count, 0);
  const devices = task.nodes.reduce((sum, { count, shape }) => sum + count * shape.devices, 0);
  const replicas = task.replicas.reduce((sum, { count }) => sum + count, 0);
  return `${whole(replicas)} replicas of ${whole(task.replicas.length)} shapes; ${whole(devices)} devices on ${whole(nodes)} nodes of ${whole(task.nodes.length)} shapes`;
}

function reachedLine({ task }: NamedTask, { valueNano, certificate, gapShare, placement }: PackingPlan): string {
  const [value, bound] = [amountOf(valueNano), amountOf(certificate.boundNano)];
  const gap = describeGap(gapShare);
  if (task.objective === 'fewest-nodes' && placement.unplaced.some((count) => count > 0)) return `nodes used: ${value}`;
  return task.objective === 'fewest-nodes'
    ? `nodes used: ${value}; no plan needs less than ${bound} (${gap})`
    : `devices held: ${value}; no plan reaches more than ${bound} (${gap})`;
}

function describeGap(gapShare: number | null): string {
  if (gapShare === null) return 'the distance is not known';
  return gapShare === 0 ? 'proven best' : `${(gapShare * 100).toFixed(2)}% from the bound`;
}

function restLines({ allPlaced }: PackingPlan, unplaced: readonly NamedRest[]): readonly string[] {
  if (allPlaced === 'yes') return ['all replicas are placed'];
  const count = unplaced.reduce((sum, each) => sum + each.count, 0);
  const largest = [...unplaced].sort((a, b) => b.count - a.count);
  const named = largest
    .slice(0, restShown)
    .map((each) => (each.count === 1 ? each.replica : `${each.replica} x ${each.count}`));
  const more = largest.length > restShown ? ` and ${largest.length - restShown} more names` : '';
  const proof = allPlaced === 'impossible' ? 'no plan places them all' : 'another plan may place them';
  return [`not placed: ${whole(count)} (${proof}): ${named.join(', ')}${more}`];
}

const causes: Readonly<Record<StrandedCause, string>> = {
  model: 'no replica accepts the model',
  limits: 'each replica that would fit is at its limit on the node',
  cpu: 'no CPU is left',
  memory: 'no host memory is left',
  'cpu-and-memory': 'neither CPU nor host memory is left',
  fragments: 'what is free is too small for any replica',
};

function strandedLines({ stranded, emptyMilli }: ShownPlan): readonly string[] {
  const lines = stranded.map(
    ({ cause, deviceMilli, nodes }) =>
      `  ${devicesOf(deviceMilli)} on ${nodes === 1 ? '1 node' : `${whole(nodes)} nodes`}: ${causes[cause]}`,
  );
  const sum = stranded.reduce((total, { deviceMilli }) => total + deviceMilli, 0);
  return [
    ...(sum === 0 ? [] : [`stranded: ${devicesOf(sum)} devices`, ...lines]),
    ...(emptyMilli === 0 ? [] : [`on unused nodes: ${devicesOf(emptyMilli)} devices`]),
  ];
}

function nodeLines(nodes: readonly NamedPlacement[]): readonly string[] {
  const rows = nodes.slice(0, nodesShown).map(({ node, held }) => {
    const names = Map.groupBy(held, ({ replica }) => replica);
    return [node, [...names].map(([name, own]) => (own.length === 1 ? name : `${name} x ${own.length}`)).join(', ')];
  });
  const more = nodes.length > nodesShown ? [`and ${whole(nodes.length - nodesShown)} nodes more`] : [];
  return nodes.length === 0 ? [] : [...alignedTable([['NODE', 'REPLICAS'], ...rows]), ...more];
}

const whole = (value: number): string => value.toLocaleString('en');
const devicesOf = (milli: number): string => (milli / wholeDeviceMilli).toFixed(2);
const amountOf = (nano: bigint): string => {
  const amount = Number(nano) / nanoPerUnit;
  return Number.isInteger(amount) ? whole(amount) : amount.toFixed(2);
};
