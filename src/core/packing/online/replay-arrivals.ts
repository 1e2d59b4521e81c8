import {
  makeEmptyRoom,
  totalDeviceMilli,
  wholeDeviceMilli,
  type NodeShape,
  type ReplicaShape,
  type Room,
} from '../room.ts';

/** What a rule says of one replica class on one room. Higher scores are better; they are compared element by element. */
export interface RuleChoice {
  readonly score: readonly number[];
  readonly after: Room;
}

/** A rule of placement. It looks at one room at a time, so that its choices for equal rooms are kept. */
export interface PlacementRule {
  readonly name: string;
  /** Returns null where the replica does not fit. */
  choose(replica: number, room: Room): RuleChoice | null;
}

/** Nodes with equal rooms, and the rule's choices for them by replica class. */
interface Group {
  readonly room: Room;
  /** Ascending: equal scores go to the first node. */
  readonly nodes: number[];
  readonly choices: (RuleChoice | null | undefined)[];
}

/**
 * Places replicas in order of arrival. No replica is moved or leaves; one that fits nowhere is lost.
 *
 * Returns the share of all devices that is held each time one of the `loads` has arrived. A load is what all arrived replicas
 * ask for, as a multiple of all devices; `loads` ascend.
 */
export function replayArrivals(
  rule: PlacementRule,
  types: readonly ReplicaShape[],
  nodes: readonly NodeShape[],
  arrivals: readonly number[],
  loads: readonly number[],
): readonly number[] {
  const groups = new Map<string, Group>();
  for (const [node, shape] of nodes.entries()) addNode(groups, sortDevices(makeEmptyRoom(shape)), node);
  const totalMilli = wholeDeviceMilli * nodes.reduce((sum, { devices }) => sum + devices, 0);
  const shares: number[] = [];
  let [askedMilli, heldMilli] = [0, 0];
  for (const replica of arrivals) {
    const milli = totalDeviceMilli(types[replica] as ReplicaShape);
    const best = findBest(rule, replica, groups);
    if (best !== null) {
      const node = best.group.nodes.shift() as number;
      if (best.group.nodes.length === 0) groups.delete(keyOf(best.group.room));
      addNode(groups, sortDevices(best.choice.after), node);
      heldMilli += milli;
    }
    askedMilli += milli;
    while (shares.length < loads.length && askedMilli >= (loads[shares.length] ?? 0) * totalMilli) {
      shares.push(heldMilli / totalMilli);
    }
  }
  return shares;
}

function findBest(rule: PlacementRule, replica: number, groups: ReadonlyMap<string, Group>) {
  let best: { readonly group: Group; readonly choice: RuleChoice } | null = null;
  for (const group of groups.values()) {
    let choice = group.choices[replica];
    if (choice === undefined) choice = group.choices[replica] = rule.choose(replica, group.room);
    if (choice === null) continue;
    const order = best === null ? 1 : compareScores(choice.score, best.choice.score);
    if (best === null || order > 0 || (order === 0 && (group.nodes[0] ?? 0) < (best.group.nodes[0] ?? 0))) {
      best = { group, choice };
    }
  }
  return best;
}

function compareScores(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function addNode(groups: Map<string, Group>, room: Room, node: number): void {
  const key = keyOf(room);
  const group = groups.get(key);
  if (group === undefined) groups.set(key, { room, nodes: [node], choices: [] });
  else {
    let at = group.nodes.length;
    while (at > 0 && (group.nodes[at - 1] ?? 0) > node) at -= 1;
    group.nodes.splice(at, 0, node);
  }
}

const keyOf = (room: Room): string => JSON.stringify(room);

/** Devices of a node are alike, so their order is not kept. A device keeps its instances. */
function sortDevices(room: Room): Room {
  const { cuts } = room;
  if (cuts === undefined) return { ...room, freeMilli: room.freeMilli.toSorted((a, b) => a - b) };
  const devices = room.freeMilli.map((free, at) => ({ free, cut: (cuts[at] ?? []).toSorted() }));
  devices.sort((a, b) => a.free - b.free || a.cut.join().localeCompare(b.cut.join()));
  return { ...room, freeMilli: devices.map(({ free }) => free), cuts: devices.map(({ cut }) => cut) };
}
