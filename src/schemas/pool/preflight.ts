import * as z from 'zod';
import { preflightKinds, type Preflight, type PreflightCheck } from '../../core/pool/preflight/preflight.ts';

const rate = z.number().nonnegative();

export const preflightCheckSchema: z.ZodType<PreflightCheck> = z.strictObject({
  kind: z.enum(preflightKinds),
  of: z.string().min(1).max(500),
  verdict: z.enum(['pass', 'fail', 'unknown']),
  reason: z.string().min(1).max(1000).nullable(),
  bytesPerSecond: rate.exactOptional(),
  ceilingBytesPerSecond: rate.exactOptional(),
});

/** What an active preflight measured, in facts of a node and in the record that it leaves. */
export const preflightSchema: z.ZodType<Preflight> = z.strictObject({
  takenAtMs: z.number().nonnegative(),
  tookMs: z.number().nonnegative(),
  checks: z.array(preflightCheckSchema).max(5_000),
});
