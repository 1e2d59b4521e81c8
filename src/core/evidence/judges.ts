import type { Contract } from '../contract/contract.ts';
import type { Judgement } from '../units/verdict.ts';
import { judgeColdStart } from './kinds/cold-start-evidence.ts';
import { judgeCapacity } from './kinds/capacity-evidence.ts';
import { judgeEvaluation } from './kinds/evaluation-evidence.ts';
import { judgeGolden } from './kinds/golden-evidence.ts';
import { judgeHardware } from './kinds/hardware-evidence.ts';
import { judgeRollback } from './kinds/rollback-evidence.ts';
import { judgeScaling } from './kinds/scaling-evidence.ts';
import type { Evidence, EvidenceKind } from './lock/lock.ts';
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
