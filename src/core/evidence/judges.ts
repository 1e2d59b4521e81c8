import type { Contract } from '../contract/contract.ts';
import type { Judgement } from '../units/verdict.ts';
import { judgeColdStart } from './cold-start-evidence.ts';
import { judgeCapacity } from './capacity-evidence.ts';
import { judgeEvaluation } from './evaluation-evidence.ts';
import { judgeGolden } from './golden-evidence.ts';
import { judgeHardware } from './hardware-evidence.ts';
import { judgeRollback } from './rollback-evidence.ts';
import { judgeScaling } from './scaling-evidence.ts';
import type { Evidence, EvidenceKind } from './lock.ts';
import { notYetAvailable } from './renewal.ts';

/** Recomputes a verdict from what was measured and the contract as it is now. */
type Judge = (measurements: Readonly<Record<string, unknown>>, contract: Contract) => Judgement;

/** A kind gets its judge together with its machinery. */
const judges: Readonly<Partial<Record<EvidenceKind, Judge>>> = {
  'cold-start': judgeColdStart,
  capacity: judgeCapacity,
  evaluation: judgeEvaluation,
  golden: judgeGolden,
  hardware: judgeHardware,
  rollback: judgeRollback,
  scaling: judgeScaling,
};

export function judgeEvidence(evidence: Evidence, contract: Contract): Judgement {
  const judge = judges[evidence.kind];
  return judge?.(evidence.measurements, contract) ?? { verdict: 'unknown', reasons: [notYetAvailable] };
}
