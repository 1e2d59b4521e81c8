import { acceleratorSecondOf, pricedReplicaOf } from '../../core/cost/priced-terms.ts';
import type { DiagnosisRecord } from '../../core/diagnosis/report/diagnosis-record.ts';
import { tellFinding, type AcceleratorPrice, type ToldFinding } from '../../core/diagnosis/report/tell-finding.ts';
import type { EventNews, EventOf, StoredEvent } from '../../core/records/event.ts';
import { diagnosisRecordSchema } from '../../schemas/diagnosis/diagnosis-record.ts';
import type { DiagnosisAnswer, RecordDiagnosisRequest, RunDiagnosis } from '../../schemas/diagnosis/http-diagnosis.ts';
import { readShownProof } from '../judging/release-proof.ts';
import { write, type OperationsSource } from '../operations/operations-source.ts';
import { readPricesNow } from '../scaling/scaling-facts.ts';
import type { ServiceScope } from '../service/service-scope.ts';

type DiagnosisSource = Pick<OperationsSource, 'store' | 'blobs' | 'clock' | 'judging' | 'facts'>;

/** Returns what was watched last and what somebody diagnosed last, each with the finding and the money of the present prices. */
export async function readDiagnosis(
  source: DiagnosisSource,
  { service, environment }: ServiceScope,
): Promise<DiagnosisAnswer> {
  const price = await readPrice(source, { service, environment });
  const watched = source.facts.diagnosis?.() ?? { missing: 'no control plane watches the service' };
  const [event] = await source.store.events({ service, environment, kindPrefix: 'diagnosis.recorded', last: 1 });
  return {
    nowMs: source.clock.nowMs(),
    watched: 'missing' in watched ? watched : { record: watched, finding: tellFinding(watched, price) },
    run: event === undefined ? null : readRun(event, price),
    price,
  };
}

/**
 * Records what a diagnosis read and measured, and returns what `readDiagnosis` does. A record of the future is of now: no clock but
 * that of the control plane says how old it is.
 */
export async function recordDiagnosis(
  source: DiagnosisSource & Pick<OperationsSource, 'by' | 'withFence' | 'changed'>,
  { service, environment, record: sent }: RecordDiagnosisRequest,
): Promise<DiagnosisAnswer> {
  const atMs = source.clock.nowMs();
  const record = { ...sent, takenAtMs: Math.min(sent.takenAtMs, atMs) };
  const news = makeRecordedEvent(record, tellFinding(record, null));
  await write(source, environment, (tx) => tx.appendEvent({ service, environment, by: source.by, atMs, ...news }));
  return readDiagnosis(source, { service, environment });
}

function makeRecordedEvent(record: DiagnosisRecord, { verdict, cause, effect, likeliest }: ToldFinding): EventNews {
  const found = {
    shown: `${cause} is shown: without it ${effect?.words ?? ''}`,
    undetermined: `undetermined; likeliest: ${likeliest.map((each) => each.cause).join(', then ')}`,
    none: 'no cause is suspected',
  }[verdict];
  return { kind: 'diagnosis.recorded', summary: `Diagnosis: ${found}`, data: { found: verdict, cause, record } };
}

/** Null where another version recorded it in a form that this one does not know. */
function readRun(event: StoredEvent, price: AcceleratorPrice | null): RunDiagnosis | null {
  if (!isRecorded(event)) return null;
  const { success, data: record } = diagnosisRecordSchema.safeParse(event.data.record);
  return success ? { record, finding: tellFinding(record, price), by: event.by, seq: event.seq } : null;
}

const isRecorded = (event: StoredEvent): event is EventOf<'diagnosis.recorded'> => event.kind === 'diagnosis.recorded';

/** What an accelerator of the live release costs, as scaling and the cost of the service count it; null where nothing has a price. */
async function readPrice(
  { store, blobs, clock, judging }: DiagnosisSource,
  { service, environment }: ServiceScope,
): Promise<AcceleratorPrice | null> {
  const proof = await readShownProof(judging.shelf, store, service, environment);
  if (proof === null || 'unknown' in proof) return null;
  const record = await store.environmentRecord(environment);
  // A book that cannot be read is told by the evidence of cost: here there is no money then.
  const prices = await readPricesNow({ opened: proof.contract, environment, record }, blobs, clock.nowMs(), () => {});
  if (prices === null) return null;
  const replica = pricedReplicaOf(proof.loaded.contract, proof.locked?.deviceClasses ?? []);
  const second = acceleratorSecondOf(prices, replica);
  return second === null ? null : { perHour: second * 3_600, currency: prices.currency };
}
