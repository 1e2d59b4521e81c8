import * as z from 'zod';
import type { Digest } from '../../../core/units/digest.ts';
import { digestSchema } from './http-artifact.ts';

const digest = digestSchema as z.ZodType<Digest>;
const bytes = z.number().int().nonnegative();

/** What a control plane lacks of a bundle. */
export const bundleOfferSchema = z.object({
  bundle: digest,
  missing: z.array(z.object({ digest, path: z.string(), bytes, received: bytes })),
});

/** Answer to a part of a blob: `complete` once the blob is stored. */
export const blobPartAnswerSchema = z.object({ received: bytes, complete: z.boolean() });

export const blobPartQuerySchema = z.object({
  offset: z.coerce.number().int().nonnegative(),
  totalBytes: z.coerce.number().int().nonnegative(),
});
