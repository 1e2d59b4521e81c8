import {
  judgeHardware,
  judgeNodes,
  type HardwareMeasurements,
  type MeasuredClass,
} from '../evidence/kinds/hardware/hardware-evidence.ts';
import type { Compatibility, Contract } from '../contract/contract.ts';
import type { Digest } from '../units/digest.ts';
import { combineVerdicts } from '../units/verdict.ts';
import type { NodeVerdict, PoolVerdict } from './compatibility.ts';
import type { DeviceClass } from '../pool/classes/device-class.ts';
import { handedOutBy } from '../pool/handed-out.ts';
import { classesOf, type PoolSnapshot } from '../pool/snapshot/pool-snapshot.ts';
import { countClasses, decidingFinding } from './verdict-words.ts';

/** A lock is read by people and bounded in size; a pool of more kinds than this is judged, and not recorded. */
export const mostMeasured = 2_000;

/** What a verdict measured of a pool, as evidence stores it; null when the pool has too many kinds of device or node. */
export function measuredPool(
  verdict: PoolVerdict,
  snapshot: PoolSnapshot,
  contract: Contract,
): HardwareMeasurements | null {
  const known = classesOf(snapshot, contract.hardware?.accelerator ?? 'cpu');
  const classes = measuredClasses(verdict, known, snapshot);
  const { nodes, objections } = measuredNodes(verdict, snapshot, known, contract);
  if (Object.keys(classes).length > mostMeasured || nodes.length > mostMeasured) return null;
  const { pool, restsOnDeclared } = verdict;
  const measured = { pool, takenAtMs: snapshot.takenAtMs, restsOnDeclared, classes, nodes, objections };
  // A pool on which nothing can be placed has no node that says so.
  if (judgeHardware(measured, contract).verdict === verdict.verdict) return measured;
  const reason = verdict.reasons[0] ?? verdict.verdict;
  return { ...measured, objections: [{ verdict: verdict.verdict, reason }, ...objections] };
}

function measuredClasses(
  verdict: PoolVerdict,
  known: ReadonlyMap<Digest, DeviceClass>,
  snapshot: PoolSnapshot,
): Readonly<Record<string, MeasuredClass>> {
  const names = new Set(snapshot.nodes.map(({ name }) => name));
  const entries = countClasses(verdict, (node) => names.has(node)).map(
    ({ verdict: { deviceClass, description, ...judged }, nodes }) => {
      const { compatibility, findings } = judged;
      const because =
        decidingFinding({ deviceClass, description, ...judged })?.message ?? findings[0]?.message ?? 'no rule objects';
      const facts = { ...known.get(deviceClass) };
      return [deviceClass, { description, facts, compatibility, nodes, because }] as const;
    },
  );
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Nodes by what they hand out; one that its node decides otherwise (its CPU, devices that are not known) is an objection. */
function measuredNodes(
  { nodes }: PoolVerdict,
  snapshot: PoolSnapshot,
  known: ReadonlyMap<Digest, DeviceClass>,
  { hardware }: Contract,
): Pick<HardwareMeasurements, 'nodes' | 'objections'> {
  const facts = new Map(snapshot.nodes.map((node) => [node.name, node]));
  const groups = new Map<string, { count: number; anyDevice: boolean; units: UnitCounts }>();
  const objecting: NodeVerdict[] = [];
  for (const node of nodes) {
    if (node.cannotLand === true) continue;
    const found = facts.get(node.node);
    const units = countUnits(node.devices, known);
    const anyDevice = found !== undefined && handedOutBy(found) !== null;
    // The node that a declared class stands for is not there.
    const one = found === undefined ? 0 : 1;
    const group = { count: one, anyDevice, units };
    if (judgeNodes(group, hardware?.devices ?? 1, hardware?.allow ?? []) !== node.verdict) {
      objecting.push(node);
      continue;
    }
    const key = JSON.stringify(group);
    const before = groups.get(key);
    if (before === undefined) groups.set(key, group);
    else before.count += one;
  }
  return { nodes: [...groups.values()], objections: objectionsOf(objecting) };
}

/** Failing nodes first, each by name; beyond the bound they are counted, and the worst of them is kept. */
function objectionsOf(nodes: readonly NodeVerdict[]): HardwareMeasurements['objections'] {
  const sorted = nodes.toSorted((a, b) => Number(b.verdict === 'fail') - Number(a.verdict === 'fail'));
  const named = sorted
    .slice(0, mostObjections)
    .map(({ node, verdict, reason }) => ({ verdict, reason: `${node}: ${reason}` }));
  const rest = sorted.slice(mostObjections);
  if (rest.length === 0) return named;
  return [
    ...named,
    { verdict: combineVerdicts(rest.map(({ verdict }) => verdict)), reason: `and ${rest.length} more nodes` },
  ];
}

const mostObjections = 50;

type UnitCounts = Record<string, Partial<Record<Compatibility, number>>>;

/** Boards and MIG instances of one profile are kinds of their own: a pod asks for one of them. */
function countUnits(devices: NodeVerdict['devices'], known: ReadonlyMap<Digest, DeviceClass>): UnitCounts {
  const counts: UnitCounts = {};
  for (const { device, deviceClass, compatibility } of devices) {
    if (holdsNothing(known.get(deviceClass))) continue;
    const profile = / \/ (.+) #\d+$/.exec(device)?.[1];
    const ofKind = (counts[profile ?? 'device'] ??= {});
    ofKind[compatibility] = (ofKind[compatibility] ?? 0) + 1;
  }
  return counts;
}

/** A board with MIG on and no instance: nothing is handed out of it. */
const holdsNothing = (deviceClass: DeviceClass | undefined): boolean =>
  deviceClass?.accelerator === 'nvidia' &&
  deviceClass.migLayout?.length === 1 &&
  deviceClass.migLayout[0]?.memoryBytes === 0;
