import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { capacityObjective } from '../../core/contract/objective/capacity-objective.ts';
import { isOfStreams } from '../../core/capacity/streams/stream-values.ts';
import type { Contract, Protocol } from '../../core/contract/contract.ts';
import type { RequestSizes } from '../../core/evidence/kinds/capacity/request-mix.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import type { DataVersion } from '../../core/registry/model-version.ts';
import { seededRandom, type Random } from '../../core/statistics/random.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { TensorSpec } from '../../core/units/tensor.ts';
import type { PlacedRow } from '../../formats/json-lines.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { EngineTensor } from '../../ports/serving/inference-engine.ts';
import type { ChatRequest, ReplicaClient } from '../../ports/serving/replica-client.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { wireTensorOf } from '../../protocols/open-inference/golden-tensor.ts';
import type { Ask } from './closed-loop.ts';
import type { AskedMix } from './mix/read-mix.ts';
import { batchesOf, isBatchable } from '../evaluate/evaluate-batches.ts';
import { resolveData } from '../artifacts/registry-reference.ts';
import { storedRows } from '../artifacts/stored-data.ts';

/** Rows that requests are made of: enough that no cache answers for the model, and few enough to be held. */
const rowsAtMost = 1_000;
const bytesAtMost = 64 * 1024 * 1024;
const generatedRows = 64;
const seed = 1;

/** What is sent while a capacity is measured. */
export interface CapacityRequests {
  /** For people: `digits-golden version 1`. */
  readonly of: string;
  /** Requests of so many rows each, to another server where one is given; null where the model takes one row at a time. */
  ask(rows: number, endpoint?: string): Promise<Ask | null>;
  /** Where a mix is sent: single requests of it in turn by `ask(1)`, and requests of one size by `askOf`. */
  readonly mix?: SentMix;
}

export interface SentMix extends AskedMix {
  askOf(sizes: RequestSizes): Promise<Ask>;
}

export interface RequestsQuestion {
  readonly contract: Contract;
  readonly environment: string;
  readonly locked: LockedEnvironment;
  readonly store: StoreReader;
  readonly blobs: Blobs;
  readonly client: ReplicaClient;
  readonly signal: AbortSignal;
  /** `--data`. */
  readonly dataName: string | undefined;
}

/**
 * The data whose rows are sent: what is asked for, else the golden set, else the dataset of the evaluation, in the version
 * that the lock pins; null where the contract names none, so that requests are made up.
 */
export async function chosenData(question: RequestsQuestion): Promise<DataVersion | null> {
  const { contract, environment, locked, store, dataName } = question;
  const name = dataName ?? contract.monitoring?.golden ?? contract.evaluation?.dataset;
  if (name === undefined) return null;
  const pinned = locked.data[name]?.version;
  return resolveData(store, environment, pinned === undefined ? name : `${name}:${pinned}`);
}

/** Requests by the protocol of the service. @throws PlimsollError `row-unfit`, `capacity-no-rows`. */
export async function capacityRequests(
  question: RequestsQuestion,
  replica: { readonly endpoint: string; readonly model: string; readonly inputs: readonly TensorSpec[] },
  data: DataVersion | null,
): Promise<CapacityRequests> {
  const { protocol } = question.contract.code;
  const rows = data === null ? null : await heldRows(data, question);
  const of = data === null ? `made up from ${made[protocol]} (seed ${seed})` : `${data.name} version ${data.version}`;
  return protocol === 'openai'
    ? {
        of,
        ask: (count, endpoint = replica.endpoint) =>
          Promise.resolve(count === 1 ? chats(question, { ...replica, endpoint }, rows) : null),
      }
    : { of, ask: (count, endpoint) => tensors(question, replica, rows, count, endpoint) };
}

const made: Readonly<Record<Protocol, string>> = {
  'open-inference-v2': 'the signature of the model',
  openai: 'a list of words',
};

export async function heldRows(data: DataVersion, { blobs, signal }: RequestsQuestion): Promise<readonly PlacedRow[]> {
  const rows: PlacedRow[] = [];
  let bytes = 0;
  for await (const row of storedRows(data, blobs, signal)) {
    rows.push(row);
    bytes += JSON.stringify(row.row).length;
    if (rows.length >= rowsAtMost || bytes >= bytesAtMost) break;
  }
  if (rows.length > 0) return rows;
  throw new PlimsollError({
    code: 'capacity-no-rows',
    category: 'input',
    message: `${data.name} version ${data.version} has no rows to send`,
    next: nextStep(proveSteps, 'capacity-no-rows', { name: data.name }),
  });
}

async function tensors(
  { client, signal }: RequestsQuestion,
  {
    endpoint,
    model,
    inputs,
  }: { readonly endpoint: string; readonly model: string; readonly inputs: readonly TensorSpec[] },
  rows: readonly PlacedRow[] | null,
  count: number,
  sentTo = endpoint,
): Promise<Ask | null> {
  if (count > 1 && !isBatchable(inputs)) return null;
  const binary = await client.takesBinary(endpoint, signal);
  const bodies: (readonly EngineTensor[])[] = [];
  if (rows === null) {
    const random = seededRandom(seed);
    for (let at = 0; at < generatedRows; at += 1) bodies.push(inputs.map((input) => madeUp(input, count, random)));
  } else {
    // Rows of several shapes do not fit into one request: those that do are sent.
    for await (const batch of batchesOf(oneByOne(repeated(rows, count)), inputs, count)) {
      if (batch.rows === count) bodies.push(batch.inputs);
    }
  }
  if (bodies.length === 0) return null;
  return async (at) => {
    await client.inferTensors(sentTo, model, { inputs: bodies[at % bodies.length] ?? [], binary }, signal);
    return null;
  };
}

async function* oneByOne(rows: AsyncIterable<PlacedRow>): AsyncGenerator<readonly PlacedRow[]> {
  for await (const row of rows) yield [row];
}

/** As often as it takes to fill a request. */
async function* repeated(rows: readonly PlacedRow[], count: number): AsyncGenerator<PlacedRow> {
  const whole = Math.max(1, Math.floor(rows.length / count)) * count;
  for (let at = 0; at < whole; at += 1) {
    const row = rows[at % rows.length];
    if (row !== undefined) yield row;
  }
}

/** Free sizes are 1, the first one as many as the request has rows; numbers in [0, 1), integers 0 or 1, one text for all. */
export function madeUp(
  { name, datatype, shape }: TensorSpec,
  rows: number,
  random: Random,
  text = 'plimsoll',
): EngineTensor {
  const sizes = shape.map((size, axis) => (size === -1 ? (axis === 0 ? rows : 1) : size));
  const length = sizes.reduce((product, size) => product * size, 1);
  const value = (): number | string | boolean => {
    if (datatype === 'BYTES') return text;
    if (datatype === 'BOOL') return random.nextBelow(2) === 1;
    return datatype.startsWith('FP') ? random.nextShare() : random.nextBelow(2);
  };
  return wireTensorOf({ name, datatype, shape: sizes, data: Array.from({ length }, value) });
}

const words = ['ship', 'load', 'line', 'water', 'hull', 'cargo', 'sea', 'port', 'tide', 'keel'] as const;
const tokensAtMost = 64;

function chats(
  { client, contract, signal }: RequestsQuestion,
  { endpoint, model }: { readonly endpoint: string; readonly model: string },
  rows: readonly PlacedRow[] | null,
): Ask {
  const random = seededRandom(seed);
  const sentence = (): string => Array.from({ length: 16 }, () => words[random.nextBelow(words.length)]).join(' ');
  const messages =
    rows === null
      ? Array.from({ length: generatedRows }, () => [{ role: 'user', content: sentence() }])
      : rows.map(messagesOf);
  const asksForStreams = isStreamObjective(contract);
  return async (at) => {
    const request = { model, messages: messages[at % messages.length] ?? [], tokensAtMost };
    if (asksForStreams) return client.streamChat(endpoint, request, signal);
    await client.chat(endpoint, request, signal);
    return null;
  };
}

/** What is promised of tokens can be told of a stream alone. */
const isStreamObjective = (contract: Contract): boolean =>
  Object.keys(capacityObjective(contract) ?? {}).some((name) => isOfStreams(name));

/** A row is a chat by its column `messages`, or one question by its column `prompt`. */
function messagesOf({ row, line }: PlacedRow): ChatRequest['messages'] {
  const { messages, prompt } = row;
  if (typeof prompt === 'string') return [{ role: 'user', content: prompt }];
  const isMessage = (one: unknown): boolean =>
    typeof one === 'object' && one !== null && 'role' in one && 'content' in one;
  if (Array.isArray(messages) && messages.every(isMessage)) return messages as ChatRequest['messages'];
  throw new PlimsollError({
    code: 'row-unfit',
    category: 'input',
    message: `line ${line} has neither a text \`prompt\` nor a list \`messages\` of { role, content }`,
    next: nextStep(proveSteps, 'row-unfit'),
  });
}
