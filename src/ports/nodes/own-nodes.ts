import type { Accelerator } from '../../core/contract/contract.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import type { MachineFacts } from '../project/project.ts';

/** The nodes that replicas of this control plane land on: this machine, or those of its cluster. */
export interface OwnNodes {
  /** Where replicas of this control plane run, whatever a contract says. */
  readonly platform: 'local' | 'kubernetes';
  machine(): MachineFacts;
  /** This machine. May start a program, and may be some seconds old. Never rejects for a node that tells little: its facts say why. */
  probe(signal: AbortSignal): Promise<NodeFacts>;
  /** Left out on the local platform. */
  readonly cluster?: OwnCluster;
}

/** What a service asks of its nodes. */
export interface AskedNodes {
  readonly accelerator: Accelerator;
  /** Labels that a node must have: the selector of its environment. */
  readonly selector: Readonly<Record<string, string>>;
}

export interface OwnCluster {
  /** Where its pods are made, whatever a contract says. */
  readonly namespace: string;
  /**
   * Nodes that pods of such a service may land on; may be some seconds old.
   * @throws PlimsollError `cluster-forbidden` (unauthorized), which names the right; others as `ClusterReader.read`.
   */
  nodes(asked: AskedNodes, signal: AbortSignal): Promise<readonly NodeFacts[]>;
  /** Runtimes by version of the image that the built-in model server runs in. @throws PlimsollError as `nodes`. */
  runtime(signal: AbortSignal): Promise<Readonly<Record<string, string>> | { readonly unreadable: string }>;
}
