import * as z from 'zod';
import { isolationSchema } from './release/http-isolation.ts';
import type { HistoryPoint } from '../../core/health/history.ts';
import type { ServiceHealth } from '../../core/health/health.ts';
import type { ReplicaState } from '../../core/rollout/replica.ts';
import type { ReplicaDevices } from '../../core/rollout/replica-devices.ts';
import { readinessQuestions } from '../../core/readiness/readiness.ts';
import { digestSchema, signatureSchema } from './release/http-artifact.ts';
import { evidenceStateSchema } from './http-evidence.ts';
import { barSchema, deploymentSchema, shownAskSchema } from './release/http-release.ts';
import { rolloutViewSchema } from './release/http-rollout.ts';
import { scalingViewSchema } from './http-scaling.ts';
import { fleetSparesSchema } from './fleet/http-spares.ts';
import { phaseUseSchema } from '../replica/phase-use.ts';
import type { ServiceView, SignalSample } from '../view/view.ts';

const phaseSchema = z.enum([
  'schedule',
  'image-pull',
  'process-start',
  'weights-fetch',
  'weights-load',
  'engine-init',
  'warm-up',
]);

const replicaStates = [
  'pending',
  'starting',
  'ready',
  'asleep',
  'stuck',
  'draining',
  'stopped',
  'failed',
] as const satisfies readonly ReplicaState[];

const text = z.string().nullable();
const replicaDevicesSchema = z.object({
  toldBy: z.enum(['request', 'platform', 'resource-claim', 'kubelet', 'replica', 'node-labels']).nullable(),
  devices: z
    .array(
      z.object({
        name: text,
        uuid: text,
        product: text,
        mig: z.object({ profile: text, parentUuid: text }).nullable(),
        share: text,
        memoryBytes: z.number().nullable(),
      }),
    )
    .nullable(),
  unknown: text,
}) satisfies z.ZodType<ReplicaDevices>;

const replicaViewSchema = z.object({
  replicaId: z.string(),
  set: z.string(),
  pair: digestSchema,
  release: z.number().int(),
  state: z.enum(replicaStates),
  reason: z.string(),
  endpoint: z.string().nullable(),
  pid: z.number().int().nullable(),
  node: z.string(),
  restarts: z.number().int(),
  startedAtMs: z.number(),
  readyAtMs: z.number().nullable(),
  phases: z.array(
    z.object({
      ...{ phases: z.array(phaseSchema), startMs: z.number(), durationMs: z.number() },
      used: phaseUseSchema.exactOptional(),
    }),
  ),
  silent: z.string().exactOptional(),
  devices: replicaDevicesSchema.exactOptional(),
  admitted: z.boolean(),
  admission: z.string(),
  isolation: isolationSchema.exactOptional(),
  modelVersion: z.number().int(),
});

const releaseSummarySchema = z.object({
  number: z.number().int(),
  code: z.object({ digest: z.string(), label: z.string() }),
  model: z.object({ name: z.string(), version: z.number().int(), digest: z.string() }),
  cause: z.string(),
  unprovenPair: z.boolean(),
  waived: z.array(z.string()),
  waivedFailing: z.array(z.string()).exactOptional(),
  createdAtMs: z.number(),
  createdBy: z.string(),
  state: z.enum(['incoming', 'live', 'warm', 'failed', 'retired']),
});

const readinessSchema = z.object({
  question: z.enum(readinessQuestions),
  text: z.string(),
  answer: z.enum(['yes', 'no', 'not-measured']),
  reason: z.string(),
  command: z.string().exactOptional(),
});

export const serviceHealthSchema = z.object({
  state: z.enum(['failing', 'unknown', 'degraded', 'not-released', 'healthy']),
  sentence: z.string(),
  sinceMs: z.number().nullable(),
  change: z.object({ what: z.string(), atMs: z.number() }).nullable(),
  next: z.string().nullable(),
  recent: z
    .object({
      spanMs: z.number(),
      requests: z.number(),
      failed: z.number(),
      latencyP50Ms: z.number().nullable(),
      latencyP99Ms: z.number().nullable(),
    })
    .nullable(),
}) satisfies z.ZodType<ServiceHealth>;

const quantilePromises = z.array(z.object({ quantile: z.string(), share: z.number(), limitMs: z.number() }));
const promisesSchema = z.object({
  availabilityShare: z.number().nullable(),
  latency: quantilePromises,
  ttft: quantilePromises.exactOptional(),
  starts: quantilePromises,
});

const gatewayViewSchema = z.object({
  gatewayId: z.string(),
  address: z.string(),
  acknowledgedGeneration: z.number().int(),
  lastSeenMs: z.number(),
  residentBytes: z.number(),
});

export const serviceViewSchema: z.ZodType<ServiceView> = z.object({
  service: z.string(),
  environment: z.string(),
  owner: z.string().nullable(),
  plimsollVersion: z.string(),
  nowMs: z.number(),
  gatewayUrl: z.string().nullable(),
  model: z.string(),
  signature: signatureSchema.nullable(),
  deployment: deploymentSchema.nullable(),
  protocol: z.enum(['open-inference-v2', 'openai']).exactOptional(),
  rollback: z.string().nullable().exactOptional(),
  isWarmSilent: z.literal(true).exactOptional(),
  health: serviceHealthSchema.exactOptional(),
  promises: promisesSchema.nullable().exactOptional(),
  releases: z.array(releaseSummarySchema),
  asks: z.array(shownAskSchema).exactOptional(),
  evidence: z.array(evidenceStateSchema),
  evidenceOf: z.number().int().nullable().exactOptional(),
  readiness: z.array(readinessSchema),
  replicas: z.array(replicaViewSchema),
  gateways: z.array(gatewayViewSchema),
  bars: z.array(barSchema),
  routingGeneration: z.number().int(),
  rollout: rolloutViewSchema.exactOptional(),
  scaling: scalingViewSchema.exactOptional(),
  spares: fleetSparesSchema.exactOptional(),
});

export const signalSampleSchema: z.ZodType<SignalSample> = z.object({
  atMs: z.number(),
  requestsPerSecond: z.number().nullable(),
  errorsPerSecond: z.number().nullable(),
  queueDepth: z.number().nullable(),
  inFlight: z.number().nullable(),
  latencyP50Ms: z.number().nullable(),
  latencyP99Ms: z.number().nullable(),
  batchFillShare: z.number().nullable(),
});

/** A stretch of time instead of a second. */
export const historyPointSchema: z.ZodType<HistoryPoint> = z.object({
  atMs: z.number(),
  spanMs: z.number(),
  requestsPerSecond: z.number(),
  errorsPerSecond: z.number(),
  queueDepth: z.number().nullable(),
  inFlight: z.number().nullable(),
  latencyP50Ms: z.number().nullable(),
  latencyP99Ms: z.number().nullable(),
  batchFillShare: z.number().nullable(),
});
