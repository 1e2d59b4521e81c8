import { createHash } from 'node:crypto';
import { recordPrefixBytes, type SampleHead } from '../../schemas/monitoring/sample-segment.ts';
import type { CapturedMessage, FinishedCapture } from './capture-sink.ts';

/** A captured request that is ready to be written. */
export interface SampleRecord {
  readonly head: string;
  readonly request: readonly Uint8Array[];
  readonly response: readonly Uint8Array[];
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** As it is written, at most. */
  readonly bytesAtMost: number;
}

/** @param owner makes keys of different services different units. */
export function makeSampleRecord(capture: FinishedCapture, owner: string): SampleRecord {
  const { stickyKey, request, response } = capture;
  // Field by field: copying all others at once takes half as long again.
  const head: Omit<SampleHead, 'control'> & Pick<FinishedCapture, 'control'> = {
    requestId: capture.requestId,
    arrivedAtMs: Math.round(capture.arrivedAtMs),
    release: capture.release,
    modelVersion: capture.modelVersion,
    replicaId: capture.replicaId,
    method: capture.method,
    path: capture.path,
    status: capture.status,
    latencyMs: Math.round(capture.latencyMs * 1000) / 1000,
    sampled: capture.sampled,
    control: capture.control,
    unit: stickyKey === null ? null : unitOf(stickyKey, owner),
    request: makeContentHead(request),
    response: makeContentHead(response),
    complete: capture.complete,
  };
  const text = JSON.stringify(head);
  const [requestBytes, responseBytes] = [request.body.bytes, response.body.bytes];
  return {
    head: text,
    request: request.body.chunks,
    response: response.body.chunks,
    requestBytes,
    responseBytes,
    // UTF-8 takes three bytes for a UTF-16 unit at most.
    bytesAtMost: recordPrefixBytes + text.length * 3 + requestBytes + responseBytes,
  };
}

/** Writes a record as it stands in a segment (schemas/monitoring/sample-segment.ts). @returns where the next one begins. */
export function encodeRecord(
  { head, request, response, requestBytes, responseBytes }: SampleRecord,
  into: Buffer,
  from: number,
): number {
  const headBytes = into.write(head, from + recordPrefixBytes);
  into.writeUInt32BE(headBytes, from);
  into.writeUInt32BE(requestBytes, from + 4);
  into.writeUInt32BE(responseBytes, from + 8);
  let at = from + recordPrefixBytes + headBytes;
  for (const chunks of [request, response]) {
    for (const chunk of chunks) {
      into.set(chunk, at);
      at += chunk.byteLength;
    }
  }
  return at;
}

/** The same key is the same unit on every gateway; who reads it does not learn the key by looking at it. */
function unitOf(stickyKey: string, owner: string): string {
  return createHash('sha256').update(`${owner}\n${stickyKey}`).digest('hex').slice(0, 32);
}

function makeContentHead({ headers, body }: CapturedMessage): SampleHead['request'] {
  return {
    contentType: fieldOf(headers['content-type']),
    jsonBytes: countOf(headers['inference-header-content-length']),
    contentEncoding: fieldOf(headers['content-encoding']),
    cut: body.cut,
  };
}

const fieldOf = (value: string | string[] | undefined): string | null =>
  typeof value === 'string' ? value : (value?.join(', ') ?? null);

function countOf(value: string | string[] | undefined): number | null {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null;
}
