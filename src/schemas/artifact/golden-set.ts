import * as z from 'zod';
import type { GoldenSet } from '../../core/monitoring/golden.ts';
import { digestSchema } from '../http/release/http-artifact.ts';

export const goldenTensorSchema = z.object({
  name: z.string().min(1),
  datatype: z.string().min(1).max(20),
  shape: z.array(z.number().int().nonnegative()).max(32),
  data: z.array(z.union([z.number(), z.string(), z.boolean()])),
});

/** A golden set as it stands in its file and in its blob: canonical JSON. */
export const goldenSetSchema: z.ZodType<GoldenSet> = z.object({
  goldenVersion: z.literal(1),
  dataName: z.string(),
  dataDigest: digestSchema,
  modelName: z.string(),
  modelDigest: digestSchema,
  runtime: z.record(z.string(), z.string()),
  tolerance: z.object({
    absolute: z.number().nonnegative(),
    relative: z.number().nonnegative(),
    argMax: z.boolean(),
  }),
  cases: z
    .array(
      z.object({
        id: z.string().min(1),
        inputs: z.array(goldenTensorSchema).min(1),
        outputs: z.array(goldenTensorSchema).min(1),
      }),
    )
    .min(1)
    .max(100_000),
});
