import type { NodeFacts } from '../../core/pool/node-facts.ts';
import type { MachineFacts } from '../project/project.ts';

/** The nodes that replicas of this control plane land on: this machine, on the local platform. */
export interface OwnNodes {
  /** Where replicas of this control plane run, whatever a contract says. */
  readonly platform: 'local' | 'kubernetes';
  machine(): MachineFacts;
  /** May start a program, and may be some seconds old. Never rejects for a node that tells little: its facts say why. */
  probe(signal: AbortSignal): Promise<NodeFacts>;
}
