import { judgeLabels } from '../../core/monitoring/labels/judge-labels.ts';
import { emptyLabelMemory } from '../../core/monitoring/labels/label-memory.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { LabelsStatus } from '../../schemas/http/monitoring/http-labels.ts';
import type { ServiceScope } from '../service/service-scope.ts';

/** What came of labels, and what those of mature predictions say. */
export async function readLabelsStatus(
  store: StoreReader,
  { service, environment }: ServiceScope,
): Promise<LabelsStatus> {
  const { tally, state } = (await store.labelMemory(service, environment)) ?? emptyLabelMemory;
  return {
    report: state === null ? null : judgeLabels(state),
    tally,
    open: await store.openPredictions(service, environment, state?.afterSeq ?? 0),
    waiting: await store.waitingLabels(service, environment),
  };
}
