import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { answerCollector } from '../../core/evaluation/collect-answers.ts';
import { measureLatency } from '../../core/evaluation/gate/latency-limits.ts';
import type { LatencyMeasurement } from '../../core/evaluation/measure/measurements.ts';
import type { Predictions } from '../../core/evaluation/predictions.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { EngineTensor } from '../../ports/serving/inference-engine.ts';
import { answerTimeoutMs, type ReplicaClient } from '../../ports/serving/replica-client.ts';
import { valuesOf } from '../../protocols/open-inference/tensor-values.ts';
import { batchesOf, isBatchable, numberColumnsFor, type Batch, type RowLists } from './evaluate-batches.ts';
import type { ProvingPorts } from '../ports.ts';
import { tellSlowAnswers } from '../progress.ts';

/** Rows of one request, and requests under way at once: enough to keep a server busy, and few enough for any queue. */
export const rowsPerRequest = 64;
export const requestsAtOnce = 4;
/** The latency pass: one row at a time, until the first of these is reached. */
const latencyRequests = 1_000;
const latencyMs = 10_000;
/** What gates ask for; the judge says where one asks for another. */
const latencyConfidences = [0.9, 0.95, 0.99];
const busyTries = 20;
const busyWaitMs = 250;

export interface SendQuestion {
  readonly client: ReplicaClient;
  readonly endpoint: string;
  readonly model: string;
  readonly inputs: readonly TensorSpec[];
  /** The rows from their beginning, each time it is called; lists of numbers of these columns may be a Float64Array. */
  readonly rows: (numberColumns: readonly string[]) => RowLists;
  readonly totalRows: number;
  /** `version 3`, for people. */
  readonly what: string;
}

export interface Sent {
  readonly predictions: Predictions;
  readonly latency: LatencyMeasurement;
}

interface Question extends SendQuestion {
  readonly slow: ReturnType<typeof tellSlowAnswers>;
}

type SendContext = Pick<ProvingPorts, 'clock' | 'signal' | 'terminal'>;

/** Every row through the service's protocol at full speed, then some of them one at a time. */
export async function sendRows(context: SendContext, asked: SendQuestion): Promise<Sent> {
  const question = { ...asked, slow: tellSlowAnswers(context, answerTimeoutMs['open-inference-v2']) };
  const binary = await question.client.takesBinary(question.endpoint, context.signal);
  const size = await rowsThatFit(context, question, binary);
  const startMs = context.clock.monotonicMs();
  const predictions = await allRows(context, question, binary, size);
  const elapsedMs = context.clock.monotonicMs() - startMs;
  const rowsPerSecond = elapsedMs === 0 ? null : (predictions.rows / elapsedMs) * 1_000;
  return { predictions, latency: { ...(await oneAtATime(context, question, binary)), rowsPerSecond } };
}

function batchesIn({ rows, inputs }: SendQuestion, rowsAtMost: number): AsyncGenerator<Batch> {
  return batchesOf(rows(numberColumnsFor(inputs)), inputs, rowsAtMost);
}

/** A server may refuse requests of many rows although the signature leaves their number open: one row always goes. */
async function rowsThatFit(context: SendContext, question: Question, binary: boolean): Promise<number> {
  if (!isBatchable(question.inputs)) return 1;
  for await (const batch of batchesIn(question, rowsPerRequest)) {
    try {
      await ask(context, question, batch.inputs, binary);
      return rowsPerRequest;
    } catch (thrown) {
      const error = asPlimsollError(thrown);
      if (error.code !== 'replica-refused' || batch.rows === 1) throw thrown;
      context.terminal.note(
        `  the server refuses ${batch.rows} rows in one request, so each goes alone: ${error.message}`,
      );
      return 1;
    }
  }
  return rowsPerRequest;
}

async function allRows(context: SendContext, question: Question, binary: boolean, size: number): Promise<Predictions> {
  const collector = answerCollector(isBatchable(question.inputs));
  const tell = rowProgress(context, question);
  const underWay = new Set<Promise<void>>();
  const failed: { error?: unknown } = {};
  const send = async (batch: Batch): Promise<void> => {
    const outputs = await ask(context, question, batch.inputs, binary);
    // Only now: a server that answers early, with a refusal, may leave the client sending.
    batch.release();
    collector.add(
      batch,
      outputs.map((tensor) => ({ ...tensor, values: valuesOf(tensor) })),
    );
    tell(batch.rows);
  };
  try {
    for await (const batch of batchesIn(question, size)) {
      const request: Promise<void> = send(batch)
        .catch((thrown: unknown) => {
          failed.error ??= thrown;
        })
        .finally(() => underWay.delete(request));
      underWay.add(request);
      if (underWay.size >= requestsAtOnce) await Promise.race(underWay);
      if (failed.error !== undefined) break;
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failed.error !== undefined) throw failed.error as Error;
  return collector.predictions();
}

/** A full queue is the server's word to wait; everything else ends the run. */
async function ask(
  { clock, signal }: Pick<ProvingPorts, 'clock' | 'signal'>,
  { client, endpoint, model, slow }: Question,
  inputs: readonly EngineTensor[],
  binary: boolean,
): Promise<readonly EngineTensor[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await slow(() => client.inferTensors(endpoint, model, { inputs, binary }, signal));
    } catch (thrown) {
      signal.throwIfAborted();
      const status = asPlimsollError(thrown).details['status'];
      const busy = status === 429 || status === 503;
      if (!busy || tries === busyTries) throw thrown;
      await clock.sleep(busyWaitMs, signal);
    }
  }
}

type Times = Omit<LatencyMeasurement, 'rowsPerSecond'>;

async function oneAtATime(context: SendContext, question: Question, binary: boolean): Promise<Times> {
  const times: number[] = [];
  const startMs = context.clock.monotonicMs();
  for await (const { inputs, release } of batchesIn(question, 1)) {
    const sentMs = context.clock.monotonicMs();
    await ask(context, question, inputs, binary);
    times.push(context.clock.monotonicMs() - sentMs);
    release();
    if (times.length >= latencyRequests || context.clock.monotonicMs() - startMs >= latencyMs) break;
  }
  const measured = measureLatency(Float64Array.from(times), latencyConfidences);
  return { requests: times.length, rowsPerRequest: 1, concurrency: 1, ...measured };
}

const firstMs = 1_000;

/** After the first second, then as often as the news is worth it: rows, rate, remaining time. */
function rowProgress({ clock, terminal }: SendContext, { totalRows, what }: SendQuestion): (rows: number) => void {
  const startMs = clock.monotonicMs();
  let [saidMs, done] = [startMs, 0];
  return (rows) => {
    done += rows;
    const nowMs = clock.monotonicMs();
    if (nowMs - saidMs < Math.max(firstMs, (nowMs - startMs) / 4)) return;
    saidMs = nowMs;
    const perMs = done / (nowMs - startMs);
    const left = formatElapsed((totalRows - done) / perMs);
    terminal.note(
      `  ${what}: ${done.toLocaleString('en-US')} of ${totalRows.toLocaleString('en-US')} rows, ${Math.round(perMs * 1_000).toLocaleString('en-US')} rows/s, about ${left} left`,
    );
  };
}

export function noRows(name: string): PlimsollError {
  return new PlimsollError({
    code: 'dataset-empty',
    category: 'input',
    message: `the dataset ${name} has no rows, so that there is nothing to evaluate on`,
    next: nextStep(proveSteps, 'dataset-empty', { name }),
  });
}
