import * as z from 'zod';
import type { ReferenceSummary } from '../../core/monitoring/features/reference.ts';

/** Bytes of a summary of 512 features with room. */
export const mostReferenceBytes = 4 * 1024 * 1024;

const share = z.number().min(0).max(1);
const named = { name: z.string().max(200), group: z.string().max(200), missingShare: share };
const quantiles = z.strictObject({
  p05: z.number(),
  p25: z.number(),
  p50: z.number(),
  p75: z.number(),
  p95: z.number(),
});
const numeric = z.strictObject({ mean: z.number(), sd: z.number().nonnegative(), quantiles });

const features = (most: number) =>
  z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({ ...named, kind: z.literal('numeric'), numeric: numeric.nullable() }),
        z.strictObject({ ...named, kind: z.literal('category'), shares: z.record(z.string().max(100), share) }),
      ]),
    )
    .max(most);
const rows = z.number().int().positive();
const slice = z.strictObject({ by: z.string().max(200), value: z.string().max(100), rows, features: features(64) });

/** A reference summary as it stands in its file and in its blob: canonical JSON. */
export const referenceSummarySchema: z.ZodType<ReferenceSummary> = z.strictObject({
  referenceVersion: z.literal(1),
  featuresVersion: z.number().int(),
  rows,
  ofRows: rows,
  features: features(4_096),
  cut: z.string().max(400).nullable(),
  slices: z.array(slice).max(64).exactOptional(),
});
