import { judgeHardware, type HardwareMeasurements, type MeasuredClass } from '../evidence/hardware-evidence.ts';
import type { Contract } from '../contract/contract.ts';
import type { NodeVerdict, PoolVerdict } from './compatibility.ts';
import { digestOfClass } from './device-class.ts';
import type { NodeFacts } from './node-facts.ts';
import type { PoolSnapshot } from './pool-snapshot.ts';
import { countClasses, decidingFinding, nodesInDoubt } from './verdict-words.ts';

/** A lock is read by people and bounded in size; a pool of more kinds than this is judged, and not recorded. */
export const mostMeasured = 2_000;

/** What a verdict measured of a pool, as evidence stores it; null when the pool has too many kinds of device or node. */
export function measuredPool(
  verdict: PoolVerdict,
  snapshot: PoolSnapshot,
  contract: Contract,
): HardwareMeasurements | null {
  const classes = measuredClasses(verdict);
  const nodes = [...measuredNodes(verdict, snapshot), ...declaredNodes(verdict, snapshot)];
  if (Object.keys(classes).length > mostMeasured || nodes.length > mostMeasured) return null;
  const { pool, restsOnDeclared } = verdict;
  const measured = { pool, takenAtMs: snapshot.takenAtMs, restsOnDeclared, classes, nodes, objections: [] };
  // Rules of a node (its placement, its declared shape) see more than its devices: what they add is kept in words.
  const judged = judgeHardware(measured, contract);
  if (judged.verdict === verdict.verdict) return measured;
  return { ...measured, objections: [{ verdict: verdict.verdict, reason: objectionOf(verdict) }] };
}

function measuredClasses(verdict: PoolVerdict): Readonly<Record<string, MeasuredClass>> {
  const entries = countClasses(verdict).map(({ verdict: { deviceClass, description, ...judged }, nodes }) => {
    const { compatibility, findings } = judged;
    const because =
      decidingFinding({ deviceClass, description, ...judged })?.message ?? findings[0]?.message ?? 'no rule objects';
    return [deviceClass, { description, compatibility, nodes, because }] as const;
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function measuredNodes({ nodes }: PoolVerdict, snapshot: PoolSnapshot): HardwareMeasurements['nodes'] {
  const facts = new Map(snapshot.nodes.map((node) => [node.name, node]));
  const groups = new Map<string, { count: number; devices: Record<string, number>; anyDevice: boolean }>();
  for (const node of nodes) {
    if (node.cannotLand === true) continue;
    const devices = countDevices(node.devices);
    const anyDevice = takesAnyDevice(facts.get(node.node));
    const key = JSON.stringify([devices, anyDevice]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { count: 1, devices, anyDevice });
    else group.count += 1;
  }
  return [...groups.values()];
}

function countDevices(devices: NodeVerdict['devices']): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { deviceClass } of devices) counts.set(deviceClass, (counts.get(deviceClass) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The device plugin hands out whichever device is free; DRA and the local platform choose. */
const takesAnyDevice = (node: NodeFacts | undefined): boolean =>
  node !== undefined && node.source !== 'resource-slice' && node.allocatable['nvidia.com/gpu'] !== undefined;

/** Classes that no node holds stand for the nodes that would come. */
function declaredNodes(
  { classes, restsOnDeclared }: PoolVerdict,
  snapshot: PoolSnapshot,
): HardwareMeasurements['nodes'] {
  if (!restsOnDeclared) return [];
  return snapshot.declared.flatMap(({ deviceClass, devicesPerNode }) => {
    const digest = digestOfClass(deviceClass);
    return classes[digest] === undefined ? [] : [{ count: 0, devices: { [digest]: devicesPerNode }, anyDevice: false }];
  });
}

function objectionOf(verdict: PoolVerdict): string {
  const [node] = nodesInDoubt(verdict);
  return node === undefined ? (verdict.reasons[0] ?? verdict.verdict) : `${node.node}: ${node.reason}`;
}
