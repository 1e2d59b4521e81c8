import type { Evidence } from '../../core/monitoring/alarms/alarm-budget.ts';
import { hasBets, takeLabelEvidence } from '../../core/monitoring/labels/label-evidence.ts';
import type { LabelPlan } from '../../core/monitoring/labels/label-plan.ts';
import type { StoreWriter } from '../../ports/records/store.ts';
import type { ServiceScope } from '../service/service-scope.ts';

/**
 * Takes what labels bet since the last tick of the alarm budget, in the transaction of that tick: a kill takes it once.
 * Null where labels are not judged.
 */
export async function takeLabelBets(
  tx: StoreWriter,
  { service, environment }: ServiceScope,
  nowMs: number,
): Promise<{ readonly plan: LabelPlan; readonly evidence: Evidence } | null> {
  const memory = await tx.labelMemory(service, environment);
  if (memory?.state === undefined || memory.state === null) return null;
  const { evidence, state } = takeLabelEvidence(memory.state, nowMs);
  if (hasBets(memory.state)) await tx.setLabelMemory(service, environment, { ...memory, state });
  return { plan: state.plan, evidence };
}
