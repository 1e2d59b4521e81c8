import type { Verdict } from '../../core/units/verdict.ts';
import type { ContractPlace } from '../../prove/verify/verify-service.ts';

/** One service of one environment on one pool. */
export interface VerifiedCell {
  readonly service: string;
  readonly environment: string;
  readonly pool: string;
  readonly place: ContractPlace;
  readonly verdict: Verdict;
  readonly reason: string;
  /** The command that comes next, where one is known. */
  readonly next: string | null;
  /** Nodes by verdict; null where nothing was judged. */
  readonly nodes: { readonly pass: number; readonly total: number } | null;
  /** Names of nodes that fail or are not known, at most ten. */
  readonly worstNodes: readonly string[];
  /** Before the facts were changed; null where they were not. */
  readonly before: Verdict | null;
}

export interface EveryOutcome {
  readonly cells: readonly VerifiedCell[];
  readonly changes: readonly string[];
  readonly notes: readonly string[];
}
