import { withCustomFeatures, type CustomValues } from '../../core/monitoring/features/custom-features.ts';
import { readRow } from '../../core/monitoring/features/read-row.ts';
import type { DriftSample } from '../../core/monitoring/samples/drift-sample.ts';
import { redactExchange, redactText } from '../../core/monitoring/samples/redact.ts';
import type { CapturedContent, CapturedSample } from '../../core/monitoring/samples/sample.ts';
import type { WatchedRow } from '../../core/monitoring/watch/drift-state.ts';
import type { MonitoringTerms } from '../../core/monitoring/watch/monitoring-terms.ts';
import type { NewPrediction } from '../../ports/records/label-records.ts';
import { decodeSample, type Unreadable } from './decode-sample.ts';
import { readPrediction } from './read-prediction.ts';
import { sizesOfExchange } from './sizes-of-exchange.ts';
import { redactPaths } from './redact-sample.ts';

/** A captured request that could be read. */
export interface ReadSample {
  readonly row: WatchedRow;
  /** Made for the newest rows of a write alone. */
  readonly sample: () => DriftSample;
  /** Null where nothing was answered that a label could be held against. */
  readonly prediction: NewPrediction | null;
}

/** The clock of a gateway may be ahead by this much. */
const clockSkewMs = 60_000;
/** A captured request as a row of features, with what is kept of it; or why it cannot be read. Never throws. */
export function readSample(
  sample: CapturedSample,
  terms: MonitoringTerms,
  custom: CustomValues,
  nowMs: number,
): ReadSample | Unreadable {
  const { redaction } = terms;
  const decoded = decodeSample(redactPaths(sample, redaction), terms.protocol, redaction.written.length === 0);
  if ('unreadable' in decoded) return decoded;
  const found = withCustomFeatures(
    readRow(redactExchange(decoded, terms.redaction)),
    terms.custom?.programs ?? [],
    custom,
  );
  const { requestId, release, replicaId, control, unit } = sample;
  // What waits until it is old enough would wait for ever behind a time that is made up.
  const atMs = Math.min(sample.arrivedAtMs, nowMs + clockSkewMs);
  const kept = { requestId, atMs, release, replicaId };
  const row: WatchedRow = {
    ...kept,
    isAnswered: sample.complete && sample.status >= 200 && sample.status < 300,
    features: found.features,
    inputGroups: decoded.inputs.map(({ name }) => name),
    read: found.read,
    get values() {
      return found.values;
    },
    control,
    unit,
  };
  const drawn = control?.drawn ?? null;
  return {
    row,
    sample: () => ({
      ...kept,
      drawn,
      values: found.values,
      ...(row.isAnswered ? { sizes: sizesOfExchange(sample, decoded) } : {}),
      ...contentOf(sample, terms),
    }),
    prediction: readPrediction(kept, decoded.outputs, found),
  };
}

/** Bodies as text, where the contract says that they are kept. Binary tensors are not. */
function contentOf(sample: CapturedSample, { content, redaction }: MonitoringTerms): Pick<DriftSample, 'content'> {
  if (!content) return {};
  const kept = (body: CapturedContent): string =>
    body.jsonBytes === null && !body.cut ? (redactText(textOf(body), redaction) ?? '') : '';
  return { content: { request: kept(sample.request), response: kept(sample.response) } };
}

const textOf = ({ body }: CapturedContent): string => Buffer.from(body).toString('utf8');
