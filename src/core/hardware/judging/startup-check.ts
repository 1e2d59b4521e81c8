import { coreSteps } from '../../units/next-steps/core-steps.ts';
import { nextStep } from '../../units/next-steps/next-step.ts';
import { PlimsollError } from '../../units/errors.ts';
import type { PoolVerdict, ServiceDemands } from '../compatibility.ts';
import { verifyPool } from './judge-pool.ts';
import type { NodeFacts } from '../../pool/node-facts.ts';
import type { PoolSnapshot } from '../../pool/snapshot/pool-snapshot.ts';
import { countClasses, decidingFinding, machinePool, verdictSentence } from '../verdict-words.ts';

/** One machine as a pool of its own. */
export function poolOfMachine(facts: NodeFacts, takenAtMs: number): PoolSnapshot {
  return { pool: machinePool, takenAtMs, sources: ['probe'], nodes: [facts], declared: [] };
}

/** The pinned contract against the node that a replica finds itself on. Its place was chosen already: no selector. */
export function checkStart(demands: ServiceDemands, facts: NodeFacts, nowMs: number): PoolVerdict {
  return verifyPool({ ...demands, selector: {} }, poolOfMachine(facts, nowMs));
}

/** Why nothing is started on this node; null when the verdict is pass. Its message is the one that `verify` begins with. */
export function refusalOfStart(verdict: PoolVerdict): PlimsollError | null {
  if (verdict.verdict === 'pass') return null;
  const worst = countClasses(verdict).find((one) => one.verdict.verdict !== 'pass');
  const deciding = worst === undefined ? null : decidingFinding(worst.verdict);
  const because = deciding?.message ?? verdict.nodes.find((node) => node.verdict !== 'pass')?.reason;
  const sentence = verdictSentence(verdict);
  return new PlimsollError({
    code: verdict.verdict === 'fail' ? 'hardware-refused' : 'hardware-unknown',
    category: verdict.verdict === 'fail' ? 'refused' : 'unavailable',
    message: because === undefined || sentence.endsWith(because) ? sentence : `${sentence}: ${because}`,
    next: deciding?.fix ?? nextStep(coreSteps, 'hardware-refused+hardware-unknown'),
    details: { rule: deciding?.rule ?? null, facts: deciding?.facts ?? {} },
  });
}
