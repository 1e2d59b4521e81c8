import type { Contract } from '../contract/contract.ts';
import type { EvidenceState, LockedEnvironment } from '../evidence/lock/lock.ts';
import { renewCommand } from '../evidence/renewal.ts';
import { verifyPool } from './judging/judge-pool.ts';
import type { PoolSnapshot } from '../pool/snapshot/pool-snapshot.ts';
import { readDemands } from './service-demands.ts';
import { nodesInDoubt, verdictSentence } from './verdict-words.ts';

export interface PresentPool {
  readonly contract: Contract;
  readonly environment: string;
  readonly locked: LockedEnvironment | undefined;
  /** As it lies beside the contract now; null when there is none. */
  readonly snapshot: PoolSnapshot | null;
}

/**
 * Hardware evidence is bound to the classes of a pool, so that the pool may grow and shrink. Nodes of the same classes can
 * still become smaller, of another architecture, or be left out by the selector. So evidence that is fresh and passing is
 * judged once more on the nodes that are there now: it stays what it is while they pass, and is stale when they do not.
 */
export function onPresentPool(
  states: readonly EvidenceState[],
  { contract, environment, locked, snapshot }: PresentPool,
): readonly EvidenceState[] {
  if (snapshot === null) return states;
  return states.map((state) => {
    if (state.kind !== 'hardware' || state.freshness !== 'fresh' || state.verdict !== 'pass') return state;
    const reading = readDemands(contract, environment, locked);
    if (reading.kind !== 'known') return state;
    const verdict = verifyPool(reading.demands, snapshot);
    if (verdict.verdict === 'pass') return state;
    const several = Object.keys(contract.environments).length > 1;
    const [node] = nodesInDoubt(verdict);
    const because = node === undefined ? '' : `; ${node.node}: ${node.reason}`;
    return {
      ...state,
      freshness: 'stale',
      verdict: 'unknown',
      reasons: [`the nodes of the pool moved: ${verdictSentence(verdict)}${because}`],
      renew: renewCommand('hardware', several ? environment : undefined),
    };
  });
}
