import * as z from 'zod';
import type { ScalingRecord } from '../core/scaling/acting/scaling-record.ts';
import type { ScalingSignals } from '../core/scaling/signals.ts';

const amount = z.number().nullable();
const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);

const workSchema = z.object({
  unit: z.enum(['tokens', 'rows', 'bytes']),
  arrivedPerSecond: amount,
  completedPerSecond: z.number(),
  completedTokens: z.object({ inPerSecond: z.number(), outPerSecond: z.number() }).exactOptional(),
});

export const scalingSignalsSchema: z.ZodType<ScalingSignals> = z.object({
  atMs: z.number(),
  queueDepth: amount,
  oldestWaitMs: amount,
  inFlight: amount,
  arrivalsPerSecond: amount,
  completionsPerSecond: amount,
  serviceMs: amount,
  batchFillShare: amount,
  acceleratorMemoryShare: amount,
  replicas: z.array(
    z.object({
      replicaId: z.string(),
      queueDepth: amount,
      inFlight: amount,
      acceleratorMemoryShare: amount,
      completionsPerSecond: amount.exactOptional(),
      serviceMs: amount.exactOptional(),
    }),
  ),
  /** Absent from records of an earlier version. */
  work: workSchema.nullable().exactOptional(),
});

const curveSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('slots'),
    slots: count,
    speeds: z.array(z.number().positive()).min(1),
    meanWorkMs: z.number().positive(),
  }),
  z.object({ kind: z.literal('batch'), batchMs: z.array(z.number().positive()).min(1), maxDelayMs: z.number() }),
]);

const replicaCapacitySchema = z.object({
  curve: curveSchema,
  ratePerSecond: z.number().positive(),
  concurrency: z.number().positive(),
  serviceMs: z.number().positive(),
  aloneLateShare: share.exactOptional(),
  interval: z.object({ lower: z.number(), upper: amount, confidence: share, horizons: count }).exactOptional(),
});

const startDistributionSchema = z.object({
  timesMs: z.array(z.number().nonnegative()).min(1),
  shares: z.array(share).min(1),
  failureShare: share,
  starts: count,
});

const learnedRatioSchema = z.object({
  estimate: z.number(),
  lower: z.number(),
  upper: z.number(),
  samples: z.number(),
});

export const learnedEvidenceSchema = z.object({
  capacity: learnedRatioSchema,
  starts: learnedRatioSchema,
  trusted: z.boolean(),
  distrustedSinceMs: amount,
  work: z
    .object({
      unit: z.enum(['tokens', 'rows', 'bytes']),
      isUsed: z.boolean(),
      explainedShare: z.number(),
      costShares: z.array(z.number()),
      factor: z.number(),
      blocks: z.number(),
    })
    .exactOptional(),
  shape: z.object({ lowerShare: z.number(), upperShare: z.number(), seenRatio: z.number() }).exactOptional(),
});

const aheadSchema = z.object({
  ratePerSecond: z.number().nonnegative(),
  why: z.enum(['season', 'schedule']),
  replicas: count.exactOptional(),
});

const decisionSchema = z.object({
  desired: count,
  asleep: count.exactOptional(),
  leftToSpares: count.exactOptional(),
  reason: z.string(),
  terms: z.record(z.string(), amount),
  /** Absent where the policy learns nothing, and from records of an earlier version. */
  learned: learnedEvidenceSchema.exactOptional(),
});

const jsonValue = z.json();
/** Any value of JSON. Not the recursive schema itself: OpenAPI would have references to it, and no place that they point at. */
const policyStateSchema = z.custom((value) => jsonValue.safeParse(value).success);

export const scalingRecordSchema: z.ZodType<ScalingRecord> = z.object({
  recordVersion: z.literal(1),
  policy: z.object({ name: z.string(), plimsollVersion: z.string() }),
  grounds: z.object({
    input: z.object({
      nowMs: z.number(),
      signals: scalingSignalsSchema,
      replicas: z.array(
        z.object({
          replicaId: z.string(),
          state: z.enum(['pending', 'starting', 'ready', 'draining']),
          orderedAtMs: z.number(),
          readyAtMs: amount,
          awakeAtMs: z.number().exactOptional(),
          ofSpare: z.literal(true).exactOptional(),
        }),
      ),
      asleep: count.exactOptional(),
      starts: startDistributionSchema,
      capacity: replicaCapacitySchema,
      terms: z.object({
        minReplicas: count,
        maxReplicas: count,
        toZero: z.boolean(),
        warmPool: count,
        latencyMs: z.number(),
        attainmentShare: share,
        acceleratorSecondPrice: z.number(),
        lateRequestPrice: z.number(),
        sleep: z.object({ replicas: count, wakeMs: z.number().positive(), priceShare: share }).exactOptional(),
      }),
      ahead: aheadSchema.nullable().exactOptional(),
      spares: z.object({ free: count, found: count, starts: startDistributionSchema }).exactOptional(),
    }),
    state: policyStateSchema,
    orderedBefore: count,
  }),
  decision: decisionSchema,
  order: z.object({ desired: count, asleep: count.exactOptional(), reason: z.string() }),
  ordered: count.nullable(),
  release: z.number().int(),
  decidedAtMs: z.number(),
  capacityDoubt: z.string().exactOptional(),
});

/** What a store keeps of a decision, where this version can read it; else null. */
export function readScalingRecord(data: Readonly<Record<string, unknown>>): ScalingRecord | null {
  const parsed = scalingRecordSchema.safeParse(data);
  return parsed.success ? parsed.data : null;
}
