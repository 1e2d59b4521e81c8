import type { NamedTask } from '../../core/packing/named/named-task.ts';
import { nanoPerUnit } from '../../core/packing/packing-task.ts';
import type { ConflictMember, ConflictVerdict } from '../../core/packing/plan/find-conflict.ts';
import type { ConstraintChange, ConstraintPrice } from '../../core/packing/plan/price-constraints.ts';

/** Of each kind of change. */
const pricesShown = 2;

/** Returns what one change of the nodes or of a rule gives at most, for people. */
export function priceLines(named: NamedTask, prices: readonly ConstraintPrice[]): readonly string[] {
  const [noun, sign] = named.task.objective === 'fewest-nodes' ? ['node', 'less'] : ['device', 'more'];
  const rows = prices
    .filter(
      (price, at) => prices.slice(0, at).filter((each) => each.change.kind === price.change.kind).length < pricesShown,
    )
    .map(({ change, atMostNano }) => `  ${changeText(named, change)}: up to ${countOf(atMostNano, noun)} ${sign}`);
  return rows.length === 0 ? [] : ['what one change would give, by the prices of the bound:', ...rows];
}

function changeText(named: NamedTask, change: ConstraintChange): string {
  switch (change.kind) {
    case 'node':
      return `one more node like ${nodeOf(named, change.nodeClass)}`;
    case 'device':
      return `one more device on a node like ${nodeOf(named, change.nodeClass)}`;
    case 'cpu':
      return `one more core on a node like ${nodeOf(named, change.nodeClass)}`;
    case 'memory':
      return `1 GiB more host memory on a node like ${nodeOf(named, change.nodeClass)}`;
    case 'per-node':
      return `one more replica of ${namesOf(named, change.replica)} on each node`;
    case 'models':
      return `${namesOf(named, change.replica)} on any device model`;
    case 'reserved':
      return `room for one ${namesOf(named, change.replica)} less kept free`;
  }
}

function nodeOf({ task, nodes }: NamedTask, nodeClass: number): string {
  const shape = task.nodes[nodeClass]?.shape;
  const what = shape === undefined || shape.devices === 0 ? 'no device' : `${shape.devices} x ${shape.model}`;
  return `${nodes[nodeClass]?.[0] ?? ''} (${what})`;
}

const namesShown = 3;

function namesOf({ replicas }: NamedTask, replica: number): string {
  const names = (replicas[replica] ?? []).map(({ name }) => name);
  const more = names.length > namesShown ? ` and ${names.length - namesShown} more` : '';
  return `${names.slice(0, namesShown).join(', ')}${more}`;
}

const limits = {
  cpu: 'the CPU of the nodes',
  memory: 'the host memory of the nodes',
  devices: 'the devices of the nodes, and their MIG instances',
  models: 'the device models that replicas accept',
  'per-node': 'the limits of services on a node',
} as const;

/** Returns what contradicts what where not all replicas can be placed, for people. */
export function conflictLines(named: NamedTask, conflict: ConflictVerdict | null): readonly string[] {
  if (conflict === null) return [];
  if (conflict.verdict === 'unknown') return ['no conflict is proven: another plan may place all replicas'];
  const lines = conflict.members.map((member) => `  ${memberText(named, member)}`);
  const open = conflict.members.some(({ shown }) => !shown);
  return [
    'these cannot all hold together, and without any one of them the others can:',
    ...lines,
    ...(open ? ['(*) no placement without it was found, and none is proven impossible'] : []),
  ];
}

function memberText({ task, replicas }: NamedTask, { constraint, shown }: ConflictMember): string {
  const mark = shown ? '' : ' (*)';
  if (constraint.kind !== 'replicas') return `${limits[constraint.kind]}${mark}`;
  const members = (replicas[constraint.replica] ?? []).map(({ name, count }) => `${count} x ${name}`);
  const more = members.length > namesShown ? ` and ${members.length - namesShown} more names` : '';
  const names = `${members.slice(0, namesShown).join(', ')}${more}`;
  return `${task.replicas[constraint.replica]?.reserved === true ? `room kept free for ${names}` : names}${mark}`;
}

function countOf(nano: bigint, noun: string): string {
  const value = Number(nano) / nanoPerUnit;
  const text = Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(2);
  return `${text} ${noun}${value === 1 ? '' : 's'}`;
}
