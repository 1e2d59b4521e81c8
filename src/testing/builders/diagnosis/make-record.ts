import type { TriedExperiment } from '../../../core/diagnosis/finding/finding.ts';
import { suspectCauses } from '../../../core/diagnosis/order/suspect-causes.ts';
import { makeDiagnosisRecord, type DiagnosisRecord } from '../../../core/diagnosis/report/diagnosis-record.ts';
import { healthyValues, makeWindow } from './make-readings.ts';

const lifted: TriedExperiment = {
  experiment: 'lifted-quota',
  causes: ['cpu-quota'],
  // Twice the answers without the quota.
  outcome: { kind: 'shown', effect: { estimate: 1, lower: 0.8, upper: 1.2 }, rounds: 10 },
  notUndone: null,
};

/** A diagnosis of a replica that a quota holds back, shown by an experiment unless it is left out. */
export function makeQuotaRecord(
  takenAtMs: number,
  experiments: readonly TriedExperiment[] = [lifted],
): DiagnosisRecord {
  const window = makeWindow({ ...healthyValues, throttledPeriodShare: 0.3 }, 'cpu');
  const of = { takenAtMs, node: 'gpu-1', accelerators: 1 };
  return makeDiagnosisRecord({ window, waterfall: null, suspicions: suspectCauses(window) }, experiments, of);
}
