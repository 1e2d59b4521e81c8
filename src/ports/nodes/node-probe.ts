import type { NodeFacts } from '../../core/pool/node-facts.ts';

/** Reads the facts of the machine that it runs on. Never throws for a machine without a GPU: it says so in `unknown`. */
export interface NodeProbe {
  probe(signal: AbortSignal): Promise<ProbedNode>;
}

export interface ProbedNode {
  readonly facts: NodeFacts;
  /** What more would be known, and what it takes: `placements of MIG instances: root`. */
  readonly withPrivilege: readonly string[];
}
