import * as z from 'zod';

/** Captured requests travel as JSON lines, the bodies in base64. */
export const segmentContentType = 'application/x-ndjson';

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
  body: z.base64(),
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

/** One line: a `CapturedSample`, the bodies in base64. */
export const sampleLineSchema = z.object({
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
export type SampleLine = z.infer<typeof sampleLineSchema>;
