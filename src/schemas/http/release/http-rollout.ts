import * as z from 'zod';
import { canaryMetrics, type CanaryJudgement, type CanarySample } from '../../../core/rollout/judge/canary.ts';
import { onInconclusiveWords } from '../../../core/contract/contract.ts';
import { nameSchema } from './http-artifact.ts';
import type { RolloutView } from '../../view/view.ts';

const outcomeSchema = z.enum(['promote', 'hold', 'roll-back', 'inconclusive']);
const armUnits = z.object({ live: z.number(), canary: z.number() });

const judgementSchema: z.ZodType<CanaryJudgement> = z.object({
  outcome: outcomeSchema,
  atMs: z.number(),
  elapsedMs: z.number(),
  metrics: z.array(
    z.object({
      metric: z.enum(canaryMetrics),
      outcome: outcomeSchema,
      live: z.number().nullable(),
      canary: z.number().nullable(),
      difference: z.object({ estimate: z.number(), low: z.number(), high: z.number().nullable() }).nullable(),
      margin: z.number(),
      units: armUnits,
      reason: z.string(),
    }),
  ),
  held: z.string().exactOptional(),
  coldUnits: armUnits,
  reasons: z.array(z.string()),
});

const orderSchema = z.object({ by: z.string(), atMs: z.number(), reason: z.string() });

export const rolloutViewSchema: z.ZodType<RolloutView> = z.object({
  release: z.number().int(),
  against: z.number().int(),
  step: z.number().int(),
  steps: z.array(z.number()),
  shadowShare: z.number(),
  share: z.number(),
  startedAtMs: z.number(),
  elapsedMs: z.number(),
  atLeastMs: z.number(),
  withinMs: z.number(),
  onInconclusive: z.enum(onInconclusiveWords),
  pause: orderSchema.nullable(),
  promote: orderSchema.nullable(),
  judgement: judgementSchema.nullable(),
});

const canarySampleSchema: z.ZodType<CanarySample> = z.object({
  service: z.string(),
  environment: z.string(),
  release: z.number().int(),
  step: z.number().int(),
  judgement: judgementSchema,
});

/** `GET /v1/rollout`: the step that is under way, and the judge's evidence over time of one release. */
export const rolloutAnswerSchema = z.object({
  /** Null when none is under way, or not one of this release. */
  rollout: rolloutViewSchema.nullable(),
  /** Whose samples follow: the one asked for, else the newest that took steps; null when none did. */
  release: z.number().int().nullable(),
  samples: z.array(canarySampleSchema),
});
export interface RolloutAnswer {
  readonly rollout: RolloutView | null;
  readonly release: number | null;
  readonly samples: readonly CanarySample[];
}

export const rolloutQuerySchema = z.object({
  service: nameSchema.exactOptional(),
  environment: nameSchema.exactOptional(),
  release: z.coerce.number().int().positive().exactOptional(),
});

export const steerRequestSchema = z.object({
  service: nameSchema.exactOptional(),
  environment: nameSchema.exactOptional(),
  /** The release that is meant: refused when another one is under way. */
  release: z.number().int().positive().exactOptional(),
  reason: z.string().trim().min(1).max(2_000).exactOptional(),
});
export const steerAnswerSchema = z.object({ release: z.number().int(), summary: z.string() });
export type SteerAnswer = z.infer<typeof steerAnswerSchema>;
