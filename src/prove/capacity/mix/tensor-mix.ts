import { proveSteps } from '../../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import type { RequestSizes } from '../../../core/evidence/kinds/capacity/request-mix.ts';
import type { DataVersion } from '../../../core/registry/model-version.ts';
import { seededRandom } from '../../../core/statistics/random.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { PlacedRow } from '../../../formats/json-lines.ts';
import type { EngineTensor } from '../../../ports/serving/inference-engine.ts';
import { batchesOf, isBatchable } from '../../evaluate/evaluate-batches.ts';
import type { Ask } from '../closed-loop.ts';
import { heldRows, madeUp, type RequestsQuestion } from '../capacity-requests.ts';
import type { AskedReplica, MixRequests } from './mix-requests.ts';
import type { AskedMix } from './read-mix.ts';

type Body = readonly EngineTensor[];

/** What all bodies of a mix may hold; further requests of the mix use the bodies again. */
const bytesAtMost = 64 * 1024 * 1024;
const bodiesOfOneSize = 16;

/**
 * Returns requests of the Open Inference Protocol with so many rows each, of the data or made up from the signature. `bytes` are
 * the bytes of each text in an input of texts. @throws PlimsollError `mix-unfit` (input) where the model cannot take such requests.
 */
export async function makeTensorMix(
  question: RequestsQuestion,
  { endpoint, model, inputs }: AskedReplica,
  data: DataVersion | null,
  mix: AskedMix,
): Promise<MixRequests> {
  const { client, signal } = question;
  requireFit(mix, inputs);
  const rows = data === null ? null : await heldRows(data, question);
  const binary = await client.takesBinary(endpoint, signal);
  const random = seededRandom(1);
  const bodyOf = async (sizes: RequestSizes, at: number): Promise<Body> => {
    const count = sizes.rows ?? 1;
    if (rows !== null && sizes.bytes === undefined) return bodyOfRows(rows, inputs, count, at);
    const text = sizes.bytes === undefined ? undefined : 'x'.repeat(sizes.bytes);
    return inputs.map((input) => madeUp(input, count, random, text));
  };
  const askAll =
    (bodies: readonly Body[]): Ask =>
    async (at) => {
      await client.inferTensors(endpoint, model, { inputs: bodies[at % bodies.length] ?? [], binary }, signal);
      return null;
    };
  return {
    of: `${mix.of}, of ${data === null || mix.summary.bytes !== undefined ? 'numbers made up from the signature' : `${data.name} version ${data.version}`}`,
    async askMixed() {
      const bodies: Body[] = [];
      let bytes = 0;
      for (const [at, sizes] of mix.requests.entries()) {
        const body = await bodyOf(sizes, at);
        bodies.push(body);
        bytes += bytesOf(body);
        if (bytes >= bytesAtMost) break;
      }
      return askAll(bodies);
    },
    async askOf(sizes) {
      const bodies: Body[] = [];
      for (let at = 0; at < bodiesOfOneSize; at += 1) bodies.push(await bodyOf(sizes, at));
      return askAll(bodies);
    },
  };
}

function requireFit({ summary }: AskedMix, inputs: AskedReplica['inputs']): void {
  const needsRows = (summary.rows?.points.at(-1)?.value ?? 1) > 1;
  const lacks =
    needsRows && !isBatchable(inputs)
      ? 'the model takes one row at a time'
      : summary.bytes !== undefined && !inputs.some(({ datatype }) => datatype === 'BYTES')
        ? 'the model has no input of texts whose bytes could vary'
        : null;
  if (lacks === null) return;
  throw new PlimsollError({
    code: 'mix-unfit',
    category: 'input',
    message: `requests of the mix cannot be made: ${lacks}`,
    next: nextStep(proveSteps, 'mix-unfit/capacity'),
  });
}

/** So many rows from a place of its own on; rows of several shapes do not fit into one request. */
async function bodyOfRows(
  rows: readonly PlacedRow[],
  inputs: AskedReplica['inputs'],
  count: number,
  at: number,
): Promise<Body> {
  const chosen = Array.from({ length: count }, (_, each) => rows[(at * 7 + each) % rows.length]);
  const whole = chosen.filter((row) => row !== undefined);
  for await (const batch of batchesOf(one(whole), inputs, count)) return batch.inputs;
  throw new RangeError('a request has at least one row');
}

async function* one(rows: readonly PlacedRow[]): AsyncGenerator<readonly PlacedRow[]> {
  yield await Promise.resolve(rows);
}

const bytesOf = (body: Body): number =>
  body.reduce(
    (sum, tensor) =>
      sum + ('bytes' in tensor ? tensor.bytes.length : tensor.elements.reduce((all, each) => all + each.length, 0)),
    0,
  );
