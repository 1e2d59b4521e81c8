import * as z from 'zod';
import { learnedEvidenceSchema, scalingRecordSchema, scalingSignalsSchema } from '../scaling-record.ts';
import type { ScalingAnswer, ScalingDecisionView, ScalingRecordAnswer, ScalingView } from '../view/view.ts';

export const scalingViewSchema: z.ZodType<ScalingView> = z.object({
  desired: z.number().int().nullable(),
  ordered: z.number().int().nullable(),
  min: z.number().int(),
  max: z.number().int(),
  actuator: z.enum(['plimsoll', 'keda', 'none']),
  policy: z.string(),
  reason: z.string(),
  held: z.string().nullable(),
  decidedAtMs: z.number().nullable(),
  signals: scalingSignalsSchema,
  learned: learnedEvidenceSchema
    .extend({ told: z.object({ ratePerSecond: z.number(), startMs: z.number() }) })
    .exactOptional(),
  doubt: z.string().exactOptional(),
});

/** Decisions that one answer holds at most. */
export const scalingDecisionsAtMost = 200;

export const scalingDecisionSchema: z.ZodType<ScalingDecisionView> = z.object({
  seq: z.number().int(),
  atMs: z.number(),
  release: z.number().int(),
  policy: z.object({ name: z.string(), plimsollVersion: z.string() }),
  before: z.number().int(),
  desired: z.number().int(),
  ordered: z.number().int().nullable(),
  reason: z.string(),
  terms: z.record(z.string(), z.number().nullable()),
});

export const scalingAnswerSchema: z.ZodType<ScalingAnswer> = z.object({
  scaling: scalingViewSchema.nullable(),
  decisions: z.array(scalingDecisionSchema),
});

export const scalingRecordAnswerSchema: z.ZodType<ScalingRecordAnswer> = z.object({
  seq: z.number().int(),
  record: scalingRecordSchema,
});
