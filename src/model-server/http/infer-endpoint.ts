import type { IncomingMessage, ServerResponse } from 'node:http';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import {
  parseHeaderLength,
  parseInferRequest,
  type InferRequest,
} from '../../protocols/open-inference/infer-request.ts';
import { encodeInferResponse } from '../../protocols/open-inference/infer-response.ts';
import type { WireTensor } from '../../protocols/open-inference/tensor.ts';
import type { BodyReader } from './body-reader.ts';
import { sendJson } from './http-answer.ts';
import type { ModelServerMetrics, Outcome } from '../metrics.ts';
import type { Repository } from '../repository.ts';
import type { ServedModel } from '../served-model.ts';
import { matchRequest } from '../signature.ts';

export interface InferParts {
  readonly repository: Repository;
  readonly bodies: BodyReader;
  readonly metrics: ModelServerMetrics;
  readonly clock: Clock;
  readonly deadlineMs: number;
}

/** Reads, queues, answers. @throws PlimsollError for the caller to answer with. */
export async function infer(
  parts: InferParts,
  model: string,
  version: string | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { metrics, clock } = parts;
  const beganMs = clock.monotonicMs();
  metrics.inFlight += 1;
  try {
    // Looked up before the body, so that nobody uploads to a model that is not there, and again after it: by then
    // the version may have been loaded anew, and the one found first be on its way out.
    parts.repository.find(model, version);
    const deadlineAtMs = beganMs + readDeadline(request, parts.deadlineMs);
    const { bytes, take, release } = await parts.bodies.read(request);
    try {
      const receivedMs = clock.monotonicMs();
      const served = parts.repository.find(model, version);
      const headerLength = parseHeaderLength(headerText(request.headers['inference-header-content-length']));
      const inferRequest = parseInferRequest(bytes, headerLength, take);
      const matched = matchRequest(served.signature, served.batchable, inferRequest);
      const abandoned = (): boolean => response.destroyed;
      const parsedMs = clock.monotonicMs();
      let batchedMs = parsedMs;
      const batchBegan = (atMs: number): void => void (batchedMs = atMs);
      const outputs = await served.batcher.run({ ...matched, deadlineAtMs, abandoned, batchBegan });
      const ranMs = clock.monotonicMs();
      answer(response, served, inferRequest, outputs);
      const endedMs = clock.monotonicMs();
      metrics.times.add({ beganMs, receivedMs, parsedMs, batchedMs, ranMs, endedMs });
    } finally {
      release();
    }
    metrics.requestEnded('ok');
  } catch (thrown) {
    const error = asPlimsollError(thrown);
    metrics.requestEnded(response.destroyed ? 'abandoned' : outcomeOf(error));
    throw error;
  } finally {
    metrics.inFlight -= 1;
  }
}

function answer(
  response: ServerResponse,
  served: ServedModel,
  request: InferRequest,
  outputs: readonly WireTensor[],
): void {
  const binary = outputs.map(
    ({ name }) => request.outputs.find((output) => output.name === name)?.binary ?? request.binaryOutput,
  );
  const body = encodeInferResponse(
    { modelName: served.name, modelVersion: served.version, id: request.id, outputs },
    binary,
  );
  if (body.binary.length === 0) {
    sendJson(response, 200, body.json);
    return;
  }
  if (response.destroyed) return;
  const json = Buffer.from(body.json);
  const size = body.binary.reduce((sum, part) => sum + part.length, json.length);
  response.writeHead(200, [
    'content-type',
    'application/octet-stream',
    'inference-header-content-length',
    String(json.length),
    'content-length',
    String(size),
  ]);
  response.end(Buffer.concat([json, ...body.binary], size));
}

/** Milliseconds that the client still allows, from the header `plimsoll-deadline-ms`; never more than an hour. */
function readDeadline(request: IncomingMessage, fallbackMs: number): number {
  const text = headerText(request.headers['plimsoll-deadline-ms']);
  if (text === undefined) return fallbackMs;
  if (/^\d{1,9}(\.\d{1,6})?$/.test(text)) return Math.min(Number(text), 3_600_000);
  throw new PlimsollError({
    code: 'deadline-invalid',
    category: 'input',
    message: `the header plimsoll-deadline-ms must be a number of milliseconds, got ${JSON.stringify(text.slice(0, 40))}`,
    next: 'send the milliseconds that are left, such as 250',
  });
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

function outcomeOf(error: PlimsollError): Outcome {
  if (error.code === 'deadline-passed') return 'deadline';
  switch (error.category) {
    case 'input':
    case 'not-found':
      return 'bad-request';
    case 'overloaded':
    case 'unavailable':
    case 'refused':
    case 'conflict':
    case 'unauthorized':
      return 'rejected';
    case 'corrupt':
    case 'bug':
      return 'failed';
  }
}
