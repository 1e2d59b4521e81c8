import type { Contract } from '../../core/contract/contract.ts';
import type { PinnedCode } from '../../core/evidence/lock/lock.ts';
import type { NodeSubjects } from '../../core/evidence/present-subjects.ts';
import { poolOfMachine } from '../../core/hardware/judging/startup-check.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import { classesOf, type PoolSnapshot } from '../../core/pool/pool-snapshot.ts';
import type { OwnNodes } from '../../ports/nodes/own-nodes.ts';
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
  if (platform === 'kubernetes') {
    const unreadable = `this control plane does not see the nodes of ${environment}`;
    return { subjects: { runtime: { unreadable }, deviceClasses: { unreadable } }, snapshot: null };
  }
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

async function probe(nodes: OwnNodes): Promise<NodeFacts | { readonly unreadable: string }> {
  return nodes.probe(AbortSignal.timeout(probeTimeoutMs)).catch((thrown: unknown) => ({
    unreadable: thrown instanceof Error ? thrown.message : String(thrown),
  }));
}
