import * as z from 'zod';
import type { PlanReport } from '../../../core/packing/plan-ahead/plan-report.ts';

/** Mean rates of recorded days without a gap, oldest first. */
export interface ArrivalsAnswer {
  /** Whole days since 1970-01-01, UTC; requests a second. */
  readonly days: readonly { readonly day: number; readonly ratePerSecond: number }[];
}

export interface CapacityPlanRequest {
  readonly service: string;
  readonly environment: string;
  /** `5%/week`, `3%..7%/week`, or `recorded`: as the recorded days grew. Absent: recorded. */
  readonly growth?: string;
  /** Days of the plan. Absent: 182. */
  readonly days?: number;
  /** Nodes that may be lost. Absent: one of a pool of several. */
  readonly nodesDown?: number;
  /** Whose contract and evidence it goes by: the release that is live (else the one that comes in), or the one that comes in. Absent: live. */
  readonly release?: PlannedRelease;
}

export const plannedReleases = ['live', 'incoming'] as const;
export type PlannedRelease = (typeof plannedReleases)[number];

/** The plan, or why there is none and what tells it. */
export interface CapacityPlanAnswer {
  readonly plan: PlanReport | null;
  readonly missing: { readonly reason: string; readonly next: string } | null;
  /** Number of the release that it is of. Absent where there is none, and from an older control plane. */
  readonly release?: number;
}

export const planDaysAtMost = 728;
export const planNodesDownAtMost = 2;

export const arrivalsAnswerSchema: z.ZodType<ArrivalsAnswer> = z.object({
  days: z.array(z.object({ day: z.number().int(), ratePerSecond: z.number().nonnegative() })),
});

const limits = z.object({ lower: z.number(), estimate: z.number(), upper: z.number() });
const allPlaced = z.enum(['yes', 'impossible', 'unknown']);
const date = z.iso.date();

const remedySchema = z.object({
  change: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('node'), like: z.string() }),
    z.object({ kind: z.literal('floor'), service: z.string(), from: z.number(), to: z.number() }),
    z.object({ kind: z.literal('per-replica'), service: z.string() }),
    z.object({ kind: z.literal('nodes-down') }),
  ]),
  daysMore: z.number(),
  fullBeforeEnd: z.boolean(),
  microsPerWeek: z.number().nullable(),
  toEnd: z.number().nullable(),
});

const planReportSchema: z.ZodType<PlanReport> = z.object({
  pool: z.string(),
  from: date,
  until: date,
  nodesDown: z.number().int(),
  nodes: z.number().int(),
  devices: z.number(),
  devicesDown: z.number(),
  currency: z.string().nullable(),
  services: z.array(
    z.object({
      name: z.string(),
      from: z.array(z.string()),
      floor: z.number(),
      atMost: z.number().nullable(),
      maxReached: date.nullable(),
    }),
  ),
  weeks: z.array(
    z.object({
      from: date,
      days: z.number().int(),
      replicas: z.array(limits),
      devices: limits,
      micros: limits.nullable(),
      allPlaced,
      fullShare: z.number(),
    }),
  ),
  full: z.object({
    notFound: date.nullable(),
    proven: date.nullable(),
    early: date.nullable(),
    late: date.nullable(),
    share: z.number(),
  }),
  binding: z.array(z.object({ lost: z.array(z.string()), alike: z.number(), proven: z.boolean() })),
  remedies: z.array(remedySchema),
  draws: z.number(),
  seed: z.number(),
  intervalShare: z.number(),
  notes: z.array(z.string()),
});

export const capacityPlanAnswerSchema: z.ZodType<CapacityPlanAnswer> = z.object({
  plan: planReportSchema.nullable(),
  missing: z.object({ reason: z.string(), next: z.string() }).nullable(),
  release: z.number().int().exactOptional(),
});
