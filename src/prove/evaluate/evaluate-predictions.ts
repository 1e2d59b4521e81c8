import { predictionsKey, type Predictions } from '../../core/evaluation/predictions.ts';
import type { LatencyMeasurement } from '../../core/evaluation/measure/measurements.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { digestOfSet } from '../../core/evidence/subjects.ts';
import { describeOffence } from '../../core/monitoring/golden-comparison.ts';
import type { GoldenSet } from '../../core/monitoring/golden.ts';
import type { DataVersion } from '../../core/registry/model-version.ts';
import { pairDigest } from '../../core/rollout/names.ts';
import type { ReleasedCode, ReleasedModel } from '../../core/rollout/release.ts';
import { digestOf, type Digest } from '../../core/units/digest.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { PredictionRecord } from '../../ports/project/prediction-index.ts';
import type { ReplicaClient } from '../../ports/serving/replica-client.ts';
import type { PlacedRow } from '../../formats/json-lines.ts';
import { decodePredictions, encodePredictions } from '../../formats/stored-predictions.ts';
import type { RowLists } from './evaluate-batches.ts';
import { noRows, sendRows } from './evaluate-send.ts';
import { replayGolden } from '../golden/evaluate-golden.ts';
import { storedRowLists } from '../artifacts/stored-data.ts';
import { withTemporaryReplica, type TemporaryReplica } from '../replica/temporary-replica.ts';
import type { ProvingPorts } from '../ports.ts';

export interface Pair {
  readonly code: ReleasedCode;
  readonly model: ReleasedModel;
}

export interface PredictQuestion extends Pair {
  readonly service: string;
  readonly data: DataVersion;
  readonly locked: LockedEnvironment;
  /** How many rows of the beginning; null for all. */
  readonly rowsAtMost: number | null;
  readonly golden: { readonly digest: Digest; readonly golden: GoldenSet } | null;
}

export interface Predicted {
  readonly digest: Digest;
  readonly predictions: Predictions;
  readonly latency: LatencyMeasurement;
  readonly golden: Digest | null;
  readonly ranNow: boolean;
}

/** What a pair answers to the rows: found again where it answered them before, else run as it will be served. */
export async function predict(
  context: Pick<
    ProvingPorts,
    'blobs' | 'clock' | 'platform' | 'predictionIndex' | 'random' | 'replicaClient' | 'signal' | 'terminal'
  >,
  question: PredictQuestion,
): Promise<Predicted> {
  const { data, locked, rowsAtMost, golden } = question;
  const key = predictionsKey({
    pair: pairDigest(question.code, question.model),
    dataset: data.digest,
    runtime: digestOf(locked.runtime),
    deviceClasses: digestOfSet(locked.deviceClasses),
    rows: rowsAtMost,
  });
  const index = await context.predictionIndex();
  const blobs = await context.blobs();
  const record = await index.find(key);
  const found = record === null ? null : await readStored(context, blobs, record, countOf(question));
  if (record !== null && found !== null && (golden === null || record.golden === golden.digest)) {
    context.terminal.note(`${nameOf(question.model)} answered these rows before, and is not run again`);
    return { ...record, digest: record.predictions, predictions: found, ranNow: false };
  }
  const ran = await run(context, question, blobs);
  const { digest } = await blobs.put(encodePredictions(ran.predictions), { signal: context.signal });
  const { latency, golden: reproduced } = ran;
  await index.remember(key, { predictions: digest, latency, golden: reproduced, atMs: context.clock.nowMs() });
  return { digest, predictions: ran.predictions, latency, golden: reproduced, ranNow: true };
}

const nameOf = ({ name, version }: ReleasedModel): string => `model ${name} version ${version}`;
const countOf = ({ data, rowsAtMost }: PredictQuestion): number => Math.min(data.rows, rowsAtMost ?? data.rows);

async function readStored(
  { terminal, signal }: Pick<ProvingPorts, 'signal' | 'terminal'>,
  blobs: Blobs,
  { predictions }: PredictionRecord,
  rows: number,
): Promise<Predictions | null> {
  try {
    const decoded = decodePredictions(await blobs.read(predictions, signal));
    if (decoded?.rows === rows) return decoded;
    terminal.note(`the stored predictions ${predictions} are none of these rows; the model runs again`);
  } catch (thrown) {
    signal.throwIfAborted();
    terminal.note(`stored predictions cannot be used (${asPlimsollError(thrown).message}); the model runs again`);
  }
  return null;
}

async function run(
  context: Pick<ProvingPorts, 'clock' | 'platform' | 'random' | 'replicaClient' | 'signal' | 'terminal'>,
  question: PredictQuestion,
  blobs: Blobs,
) {
  const { service, code, model, data } = question;
  if (data.rows === 0) throw noRows(data.name);
  const client = await context.replicaClient();
  const platform = await context.platform();
  context.terminal.note(
    `starting ${nameOf(model)} as it will be served, for ${countOf(question).toLocaleString('en-US')} rows of ${data.name}`,
  );
  const work = (replica: TemporaryReplica) => runOn(context, client, replica, question, blobs);
  return withTemporaryReplica(context, platform, service, { code, model }, work, 'evaluate');
}

async function runOn(
  context: Pick<ProvingPorts, 'clock' | 'signal' | 'terminal'>,
  client: ReplicaClient,
  { endpoint }: TemporaryReplica,
  question: PredictQuestion,
  blobs: Blobs,
) {
  const { model, data, rowsAtMost, golden } = question;
  const { signal } = context;
  const { inputs } = model.signature ?? (await client.metadata(endpoint, model.name, signal));
  const sent = await sendRows(context, {
    client,
    endpoint,
    model: model.name,
    inputs,
    rows: (numberColumns) => firstOfLists(storedRowLists(data, blobs, signal, numberColumns), rowsAtMost),
    totalRows: countOf(question),
    what: `version ${model.version}`,
  });
  if (sent.predictions.rows === 0) throw noRows(data.name);
  if (golden === null) return { ...sent, golden: null };
  const comparison = await replayGolden(client, endpoint, model.name, golden.golden, signal);
  if (comparison.verdict === 'pass') return { ...sent, golden: golden.digest };
  const offence = comparison.offence === null ? '' : `: ${describeOffence(comparison.offence)}`;
  context.terminal.note(`the evaluated replica did not reproduce the golden set${offence}`);
  return { ...sent, golden: null };
}

export async function* firstRows(rows: AsyncIterable<PlacedRow>, atMost: number | null): AsyncGenerator<PlacedRow> {
  let left = atMost ?? Infinity;
  if (left <= 0) return;
  for await (const row of rows) {
    yield row;
    left -= 1;
    if (left <= 0) return;
  }
}

async function* firstOfLists(lists: RowLists, atMost: number | null): RowLists {
  let left = atMost ?? Infinity;
  if (left <= 0) return;
  for await (const rows of lists) {
    yield rows.slice(0, left);
    left -= rows.length;
    if (left <= 0) return;
  }
}
