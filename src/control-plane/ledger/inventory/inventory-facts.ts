import type { DeviceAppeared, FactClock } from '../../../core/cost/ledger/fact.ts';
import type { ListedDevice, ListedNodes } from './list-devices.ts';
import type { NewFact } from '../record/new-fact.ts';
import type { StandingFacts } from '../record/standing-facts.ts';

/** A node that is not seen for so long is gone with its devices; until then nobody knows what it does. */
const nodeGoneAfterMs = 3_600_000;

const gapOfNode = (node: string): string => `node-gone/${node}`;

/**
 * Returns what changed in the inventory since what stands.
 *
 * | seen | recorded |
 * |---|---|
 * | a device that is not recorded, or one of another class or place | it appears |
 * | a device in another pool | it goes from the one and appears in the other |
 * | another layout | the layout changed |
 * | a node without a device that is recorded | the device is gone, unless the node does not tell its accelerators |
 * | a recorded node is not seen | a gap of the node begins; after 1 h its devices are gone |
 * | it is seen again | the gap ends |
 */
export function makeInventoryFacts(
  standing: Pick<StandingFacts, 'devices' | 'gaps'>,
  seen: ListedNodes,
  at: FactClock,
): readonly NewFact[] {
  const listed = new Map(seen.devices.map((device) => [device.device, device]));
  const facts: NewFact[] = [];
  const recordedNodes = new Set<string>();
  for (const { appeared, layout } of standing.devices.values()) {
    const { device, node, pool } = appeared;
    recordedNodes.add(node);
    const now = listed.get(device);
    if (now !== undefined)
      facts.push(...changesOf({ ...appeared, layout: layout?.layout ?? appeared.layout }, now, at));
    else if (seen.nodes.has(node) && !(seen.silent.has(node) && appeared.layout.kind !== 'cores'))
      facts.push({ kind: 'device-gone', device, pool, at });
  }
  for (const device of seen.devices) {
    if (!standing.devices.has(device.device)) facts.push({ kind: 'device-appeared', ...device, at });
  }
  for (const node of recordedNodes) facts.push(...gapsOf(standing, node, seen.nodes.has(node), at));
  return facts;
}

function changesOf(before: Omit<DeviceAppeared, 'kind'>, now: ListedDevice, at: FactClock): readonly NewFact[] {
  const { device, pool } = before;
  const appeared: NewFact = { kind: 'device-appeared', ...now, at };
  if (pool !== now.pool) return [{ kind: 'device-gone', device, pool, at }, appeared];
  if (before.deviceClass !== now.deviceClass || before.node !== now.node || before.place !== now.place)
    return [appeared];
  const isSame = JSON.stringify(before.layout) === JSON.stringify(now.layout);
  return isSame ? [] : [{ kind: 'layout-changed', device, layout: now.layout, at }];
}

function gapsOf(
  { devices, gaps }: Pick<StandingFacts, 'devices' | 'gaps'>,
  node: string,
  isSeen: boolean,
  at: FactClock,
): readonly NewFact[] {
  const gap = gapOfNode(node);
  const open = gaps.get(gap);
  const ended: NewFact = { kind: 'gap-ended', gap, at };
  if (isSeen) return open === undefined ? [] : [ended];
  if (open === undefined) return [{ kind: 'gap-began', gap, cause: 'node-gone', scope: { of: 'node', node }, at }];
  if (at.wallMs - open.at.wallMs < nodeGoneAfterMs) return [];
  const gone = [...devices.values()].filter(({ appeared }) => appeared.node === node);
  return [
    ...gone.map(({ appeared }): NewFact => ({ kind: 'device-gone', device: appeared.device, pool: appeared.pool, at })),
    ended,
  ];
}
