import * as z from 'zod';

/**
 * A segment is one record after the other, each
 *
 * | bytes | what |
 * |---|---|
 * | 12 | lengths of the three parts, each as 4 bytes, the highest first |
 * | first length | head: a `CapturedSample` without its bodies, as JSON |
 * | second length | body of the request, as it passed |
 * | third length | body of the answer, as it passed |
 *
 * A last record that is not whole was cut off by a kill, and is left out.
 */
export const segmentContentType = 'application/vnd.plimsoll.segment';

export const recordPrefixBytes = 12;

/** Of one segment, and so of one request that carries it. */
export const segmentBytesAtMost = 1024 * 1024;

/** Query of `POST /v1/gateways/ID/samples`. */
export const segmentQuerySchema = z.object({
  service: z.string().exactOptional(),
  environment: z.string().exactOptional(),
  /** One for each service and process of a gateway. */
  spool: z.string().regex(/^[0-9a-f]{32}$/),
  /** From 1, in the order in which they were written. */
  sequence: z.coerce.number().int().positive(),
});

/** Up to which sequence of this spool everything is recorded. */
export const segmentAnswerSchema = z.object({ acknowledged: z.number().int().nonnegative() });

const content = z.object({
  contentType: z.string().max(20_000).nullable(),
  jsonBytes: z.number().int().nonnegative().nullable(),
  contentEncoding: z.string().max(20_000).nullable(),
  cut: z.boolean(),
});

const share = z.number().min(0).max(1);
const number = z.number().int().nonnegative();

const control = z.object({
  eligible: z
    .array(z.object({ replicaId: z.string().max(200), release: number, propensityShare: share }))
    .min(2)
    .max(10_000),
  drawn: z.string().max(200),
  outcome: z.enum(['answered', 'retried', 'missing']),
});

export const sampleHeadSchema = z.object({
  requestId: z.string().min(1).max(1000),
  arrivedAtMs: z.number(),
  release: number,
  modelVersion: number,
  replicaId: z.string().max(200).nullable(),
  method: z.string().max(20),
  path: z.string().max(20_000),
  status: z.number().int().min(0).max(999),
  latencyMs: z.number().nonnegative(),
  sampled: z.boolean(),
  control: control.nullable(),
  unit: z.string().max(64).nullable(),
  request: content,
  response: content,
  complete: z.boolean(),
});
export type SampleHead = z.infer<typeof sampleHeadSchema>;

/** Parts of one record, as views of the segment. */
export interface RecordParts {
  readonly head: Uint8Array;
  readonly request: Uint8Array;
  readonly response: Uint8Array;
}

/** The whole records of a segment. */
export function splitSegment(bytes: Uint8Array): readonly RecordParts[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: RecordParts[] = [];
  let at = 0;
  while (at + recordPrefixBytes <= bytes.byteLength) {
    const headAt = at + recordPrefixBytes;
    const requestAt = headAt + view.getUint32(at);
    const responseAt = requestAt + view.getUint32(at + 4);
    const end = responseAt + view.getUint32(at + 8);
    if (end > bytes.byteLength) break;
    records.push({
      head: bytes.subarray(headAt, requestAt),
      request: bytes.subarray(requestAt, responseAt),
      response: bytes.subarray(responseAt, end),
    });
    at = end;
  }
  return records;
}
