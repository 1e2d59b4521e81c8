import * as z from 'zod';
import { digestSchema } from '../http/release/http-artifact.ts';

const timeMs = z.number().nonnegative().nullable();

export const predictionRecordSchema = z.object({
  predictions: digestSchema,
  latency: z.object({
    requests: z.number().int().nonnegative(),
    rowsPerRequest: z.number().int().positive(),
    concurrency: z.number().int().positive(),
    p50Ms: timeMs,
    p90Ms: timeMs,
    p99Ms: timeMs,
    maxMs: timeMs,
    rowsPerSecond: z.number().nonnegative().nullable(),
    limits: z.record(z.string(), z.record(z.string(), z.object({ lower: timeMs, upper: timeMs }))).default({}),
  }),
  golden: digestSchema.nullable(),
  atMs: z.number().nonnegative(),
});
