import type { Accelerator, Contract } from '../../core/contract/contract.ts';
import type { PinnedCode } from '../../core/evidence/lock/lock.ts';
import type { NodeSubjects } from '../../core/evidence/present-subjects.ts';
import { poolOfMachine } from '../../core/hardware/judging/startup-check.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import { cpuClassOf, digestOfClass } from '../../core/pool/classes/device-class.ts';
import { classesOf, classesOfNode, type PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import type { OwnCluster, OwnNodes } from '../../ports/nodes/own-nodes.ts';
import { runtimeOfService } from '../../prove/pin/pin-hardware.ts';

/** What the nodes of an environment say to its evidence. */
export interface SeenNodes {
  readonly subjects: NodeSubjects;
  /** Null where hardware evidence cannot be judged again: nobody asks for it, or the nodes cannot be read. */
  readonly snapshot: PoolSnapshot | null;
}

const probeTimeoutMs = 20_000;

/** Looks at the nodes that replicas land on. Never rejects: what cannot be read is told as such. */
export async function readNodes(
  nodes: OwnNodes,
  contract: Contract,
  environment: string,
  code: PinnedCode | undefined,
  nowMs: number,
): Promise<SeenNodes> {
  const { pool, platform } = contract.environments[environment] ?? {};
  if (platform === 'kubernetes') return readCluster(nodes.cluster, contract, environment, code, nowMs);
  const machine = nodes.machine();
  const runtime = runtimeOfService(contract, code?.facts, machine.runtime);
  const accelerator = contract.hardware?.accelerator ?? 'cpu';
  // The class of the machine is all that a service without hardware and without a pool is coupled to.
  if (contract.hardware === undefined && pool === undefined) {
    return { subjects: { runtime, deviceClasses: [machine.deviceClass.digest] }, snapshot: null };
  }
  const facts = await probe(nodes);
  if ('unreadable' in facts) return { subjects: { runtime, deviceClasses: facts }, snapshot: null };
  const snapshot = poolOfMachine(facts, nowMs);
  const seen = [...classesOf(snapshot, accelerator).keys()];
  const deviceClasses = accelerator === 'cpu' && pool === undefined ? [machine.deviceClass.digest] : seen;
  const unreadable = facts.unknown[accelerator === 'cpu' ? 'cpu' : 'devices'];
  if (deviceClasses.length === 0 && unreadable !== undefined) {
    return { subjects: { runtime, deviceClasses: { unreadable } }, snapshot: null };
  }
  return { subjects: { runtime, deviceClasses }, snapshot: contract.hardware === undefined ? null : snapshot };
}

/** The nodes of the cluster by its API server, each fact with its reason where it cannot be read. */
async function readCluster(
  cluster: OwnCluster | undefined,
  contract: Contract,
  environment: string,
  code: PinnedCode | undefined,
  nowMs: number,
): Promise<SeenNodes> {
  if (cluster === undefined) {
    const unreadable = `this control plane does not see the nodes of ${environment}`;
    return { subjects: { runtime: { unreadable }, deviceClasses: { unreadable } }, snapshot: null };
  }
  const signal = AbortSignal.timeout(probeTimeoutMs);
  const accelerator = contract.hardware?.accelerator ?? 'cpu';
  const { selector = {} } = contract.environments[environment] ?? {};
  const isOwn = contract.code.image === undefined && contract.code.command?.[0] === 'plimsoll';
  const [runtime, nodes] = await Promise.all([
    isOwn ? cluster.runtime(signal).catch(unreadable) : runtimeOfService(contract, code?.facts, {}),
    cluster.nodes({ accelerator, selector }, signal).catch(unreadable),
  ]);
  if ('unreadable' in nodes) return { subjects: { runtime, deviceClasses: nodes }, snapshot: null };
  const pool = contract.environments[environment]?.pool ?? environment;
  const snapshot = { pool, takenAtMs: nowMs, sources: ['cluster'], nodes, declared: [] };
  const deviceClasses = readClasses(nodes, accelerator);
  return { subjects: { runtime, deviceClasses }, snapshot: contract.hardware === undefined ? null : snapshot };
}

/** One node that is not known leaves all of them unknown: a replica may land there. */
function readClasses(nodes: readonly NodeFacts[], accelerator: Accelerator): NodeSubjects['deviceClasses'] {
  const inDoubt = nodes.flatMap((node) => {
    const reason = accelerator === 'cpu' ? doubtOfCpu(node) : doubtOfDevices(node);
    return reason === null ? [] : [`${node.name}: ${reason}`];
  });
  if (inDoubt.length > 0) {
    const more = inDoubt.length > mostNamed ? ` (and ${inDoubt.length - mostNamed} more nodes)` : '';
    return { unreadable: `${inDoubt.slice(0, mostNamed).join('; ')}${more}` };
  }
  const classes = nodes.flatMap((node) => classesOfNode(node, accelerator));
  const what = accelerator === 'cpu' ? 'takes pods' : 'that takes pods has an accelerator';
  return classes.length === 0
    ? { unreadable: `no node of the cluster ${what}` }
    : [...new Set(classes.map(digestOfClass))].sort();
}

const mostNamed = 3;

const doubtOfCpu = (node: NodeFacts): string | null =>
  cpuClassOf(node) === null ? (node.unknown['cpu'] ?? node.unknown['cpu.model'] ?? 'its CPU is not known') : null;

/** Labels of a node with several kinds of device tell of none of them for certain (decision 31). */
const doubtOfDevices = ({ devices, unknown }: NodeFacts): string | null =>
  devices === null || devices.some(({ certainty }) => certainty === 'node')
    ? (unknown['devices'] ?? 'its devices are not known')
    : null;

const unreadable = (thrown: unknown): { readonly unreadable: string } => ({
  unreadable: thrown instanceof Error ? thrown.message : String(thrown),
});

async function probe(nodes: OwnNodes): Promise<NodeFacts | { readonly unreadable: string }> {
  return nodes.probe(AbortSignal.timeout(probeTimeoutMs)).catch(unreadable);
}
