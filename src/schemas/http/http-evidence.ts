import * as z from 'zod';
import { evidenceKinds } from '../../core/evidence/kinds/table.ts';
import type { EvidenceState, Waiver } from '../../core/evidence/lock/lock.ts';

export const evidenceKindSchema = z.enum(evidenceKinds);

export const waiverSchema: z.ZodType<Waiver> = z.object({
  kind: evidenceKindSchema,
  reason: z.string().min(1).max(2_000),
  untilMs: z.number(),
  by: z.string().max(200),
  atMs: z.number(),
});

export const evidenceStateSchema: z.ZodType<EvidenceState> = z.object({
  kind: evidenceKindSchema,
  freshness: z.enum(['fresh', 'stale', 'missing', 'not-asked']),
  verdict: z.enum(['pass', 'fail', 'inconclusive', 'unknown']),
  reasons: z.array(z.string().max(5_000)).max(100),
  renew: z.string().exactOptional(),
  waiver: waiverSchema.exactOptional(),
  available: z.boolean(),
  measuredAtMs: z.number().exactOptional(),
});
