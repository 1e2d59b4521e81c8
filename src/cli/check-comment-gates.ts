import type { Contract } from '../core/contract/contract.ts';
import { judgeEvidence } from '../core/evidence/judges.ts';
import type { Evidence } from '../core/evidence/lock.ts';
import { markdownCell } from './formats/markdown.ts';

/** PLACEHOLDER */
export function gateTable(measurements: Evidence['measurements'], contract: Contract): readonly string[] {
  void measurements;
  void contract;
  void judgeEvidence;
  return [markdownCell('')];
}
