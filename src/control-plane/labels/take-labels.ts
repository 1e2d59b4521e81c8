import type { Store } from '../../ports/records/store.ts';
import type { LabelsAnswer, LabelsRequest } from '../../schemas/http/monitoring/http-labels.ts';
import type { HeldLease } from '../service/service-parts.ts';
import type { ServiceScope } from '../service/service-scope.ts';
import type { CanaryInbox } from '../signals/canary-inbox.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { rightsByRelease } from './canary-rights.ts';
import { recordLabels, refuseTooMany } from './record-labels.ts';

interface LabelParts extends ServiceScope {
  readonly store: Store;
  readonly clock: Clock;
  readonly lease: Pick<HeldLease, 'fence'>;
  readonly inbox: CanaryInbox;
  /** False where the contract asks for no labels. */
  readonly isRecorded: boolean;
}

/** Counts labels for the judge of a step, and records them unless the contract asks for none. */
export async function takeLabels(
  { store, clock, lease, inbox, isRecorded, service, environment }: LabelParts,
  request: LabelsRequest,
): Promise<LabelsAnswer> {
  refuseTooMany(request.labels.length);
  const recorded = isRecorded
    ? await store.transaction(lease.fence(), (tx) =>
        recordLabels(tx, { service, environment }, request.labels, clock.nowMs()),
      )
    : null;
  const canary = await store.canary(service, environment);
  const taken = rightsByRelease(request, recorded?.predictions ?? []).map((each) => inbox.label(canary, each));
  const sum = (key: 'counted' | 'repeated'): number => taken.reduce((total, each) => total + each[key], 0);
  const [counted, repeated] = [sum('counted'), sum('repeated')];
  const ignored = request.labels.length - counted - repeated;
  return { counted, repeated, ignored, recorded: recorded?.answer ?? null };
}
