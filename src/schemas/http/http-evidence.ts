import * as z from 'zod';
import { evidenceKinds } from '../../core/evidence/kinds/table.ts';
import { knowers, type Knower } from '../../core/evidence/kinds/kind-row.ts';
import type { EvidenceState, SubjectState, Waiver } from '../../core/evidence/lock/lock.ts';
import { digestSchema } from './release/http-artifact.ts';

export const evidenceKindSchema = z.enum(evidenceKinds);

export const waiverSchema: z.ZodType<Waiver> = z.object({
  kind: evidenceKindSchema,
  failing: z.literal(true).exactOptional(),
  reason: z.string().min(1).max(2_000),
  untilMs: z.number(),
  by: z.string().max(200),
  atMs: z.number(),
});

const subjectStateSchema: z.ZodType<SubjectState> = z.object({
  subject: z.string().max(200),
  knownBy: z.enum(Object.keys(knowers) as Knower[]),
  measured: digestSchema.nullable(),
  present: digestSchema.nullable(),
  unknown: z.string().max(5_000).exactOptional(),
});

const freshnessSchema = z.enum(['fresh', 'stale', 'unknown', 'missing', 'not-asked']);
const verdictSchema = z.enum(['pass', 'fail', 'inconclusive', 'unknown']);

export const evidenceStateSchema: z.ZodType<EvidenceState> = z.object({
  kind: evidenceKindSchema,
  freshness: freshnessSchema,
  verdict: verdictSchema,
  reasons: z.array(z.string().max(5_000)).max(100),
  renew: z.string().exactOptional(),
  waiver: waiverSchema.exactOptional(),
  available: z.boolean(),
  measuredAtMs: z.number().exactOptional(),
  subjects: z.array(subjectStateSchema).max(100).exactOptional(),
  judgedOnRelease: z.array(z.string()).max(100).exactOptional(),
  judgedLive: z.literal(true).exactOptional(),
  sentBy: z.string().max(5_000).exactOptional(),
  unasked: z.object({ freshness: freshnessSchema, verdict: verdictSchema }).exactOptional(),
});
