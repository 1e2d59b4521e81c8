import * as z from 'zod';
import { onInconclusiveWords, type CodeSection } from '../../../core/contract/contract.ts';
import type { EffectiveCapture } from '../../../core/contract/defaults.ts';
import type {
  Bar,
  Deployment,
  Release,
  ReleaseBundles,
  ReleaseCanary,
  ReleasedCode,
  ReleasedGolden,
  ReleasedModel,
} from '../../../core/rollout/release.ts';
import { answerLimitsSchema } from '../../gateway/answer-limits.ts';
import { clientRulesSchema } from '../../gateway/client-rules.ts';
import { artifactFileSchema, artifactNameSchema, digestSchema, nameSchema, signatureSchema } from './http-artifact.ts';
import { evidenceKindSchema, waiverSchema } from '../http-evidence.ts';
import type { AskedWaiver, ReleaseAsk, ShownAsk } from '../../../core/rollout/release-ask.ts';
import type { ReleaseAnswer, ReleaseRequest } from '../operations.ts';

const reasonSchema = z.string().min(1).max(2_000);
export const axisSchema = z.enum(['code', 'model']);

const codeSectionSchema: z.ZodType<CodeSection> = z.object({
  image: z.string().max(1_000).exactOptional(),
  command: z.array(z.string().max(4_000)).max(1_000).exactOptional(),
  args: z.array(z.string().max(4_000)).max(1_000),
  files: z.array(z.string().max(1_000)).max(10_000),
  env: z.record(z.string(), z.string()),
  secrets: z.record(z.string(), z.string()),
  tls: z.string().max(200).exactOptional(),
  protocol: z.enum(['open-inference-v2', 'openai']),
  signature: signatureSchema.exactOptional(),
});

const releasedCodeSchema: z.ZodType<ReleasedCode> = z.object({
  digest: digestSchema,
  section: codeSectionSchema,
  files: z.array(artifactFileSchema).max(10_000),
  devices: z.number().int().positive().max(64).exactOptional(),
  sharing: z
    .array(z.enum(['exclusive', 'mig', 'mps', 'time-slicing']))
    .max(4)
    .exactOptional(),
  deviceMemoryBytes: z.number().positive().exactOptional(),
  host: z
    .object({
      cpus: z.number().positive().exactOptional(),
      memoryBytes: z.number().positive().exactOptional(),
      shmBytes: z.number().positive().exactOptional(),
    })
    .exactOptional(),
  selector: z.record(z.string().max(400), z.string().max(100)).exactOptional(),
  runtimeClass: z.string().max(253).exactOptional(),
});

const releasedModelSchema: z.ZodType<ReleasedModel> = z.object({
  name: artifactNameSchema,
  version: z.number().int().positive(),
  digest: digestSchema,
  format: z.string().max(50),
  files: z.array(artifactFileSchema).min(1).max(10_000),
  signature: signatureSchema.nullable(),
});

const releasedGoldenSchema: z.ZodType<ReleasedGolden> = z.object({ dataName: artifactNameSchema, blob: digestSchema });

const replicaCountsSchema = z.object({
  min: z.number().int().nonnegative().max(10_000),
  max: z.number().int().positive().max(10_000),
  actuator: z.enum(['keda', 'none']).exactOptional(),
  asleepAtMost: z.number().int().positive().max(10_000).exactOptional(),
});

const share = z.number().min(0).max(1);

const releaseCanarySchema: z.ZodType<ReleaseCanary> = z.object({
  stickyBy: z
    .string()
    .regex(/^header:[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/)
    .optional(),
  shadowShare: share,
  judge: z.object({
    falseRollbacksShare: z.number().gt(0).max(0.5),
    errorMarginShare: z.number().gt(0).lt(1),
    latency: z.object({ quantile: z.number().gt(0).lt(1), marginShare: z.number().min(0.05).max(1) }),
    agreementAtLeastShare: z.number().gt(0).lt(1),
    labelMarginShare: z.number().gt(0).lt(1).exactOptional(),
    atLeastMs: z.number().nonnegative(),
    withinMs: z.number().positive(),
    onInconclusive: z.enum(onInconclusiveWords),
  }),
});

const releaseCaptureSchema: z.ZodType<EffectiveCapture> = z.object({
  sampleShare: share,
  controlShare: share,
  redact: z.array(z.string()),
  content: z.boolean(),
  retentionMs: z.number().positive(),
  maxBytes: z.number().positive(),
});

/** What a date can say: one beyond it could be recorded, and shown nowhere. */
const untilMsSchema = z.number().nonnegative().max(8.64e15);

const askedWaiver = {
  kind: evidenceKindSchema,
  reason: reasonSchema,
  untilMs: untilMsSchema,
  failing: z.literal(true).exactOptional(),
};
/** In a request; in an answer, a newer control plane may say more of it. */
const askedWaiverSchema: z.ZodType<AskedWaiver> = z.strictObject(askedWaiver);

/** A key that is not known is refused: nobody is to believe that a verdict which they sent was taken. */
export const releaseRequestSchema: z.ZodType<ReleaseRequest> = z.strictObject({
  service: nameSchema,
  environment: nameSchema,
  bundle: digestSchema,
  waivers: z.array(askedWaiverSchema).max(100),
  again: z.boolean(),
});

const askSchema = z.object({
  id: z.string(),
  service: z.string(),
  environment: z.string(),
  bundle: digestSchema,
  waivers: z.array(z.object(askedWaiver)),
  again: z.boolean(),
  by: z.string(),
  atMs: z.number(),
  state: z.enum(['requested', 'fetching', 'released', 'refused', 'cancelled']),
  reason: z.string(),
  next: z.string().exactOptional(),
  release: z.number().int().nullable(),
  changedAtMs: z.number(),
  progress: z.object({ doneBytes: z.number(), totalBytes: z.number().nullable() }).nullable(),
});

export const releaseAskSchema: z.ZodType<ReleaseAsk> = askSchema;

export const shownAskSchema: z.ZodType<ShownAsk> = askSchema.omit({
  service: true,
  environment: true,
  waivers: true,
  again: true,
  release: true,
});

const releaseBundlesSchema: z.ZodType<ReleaseBundles> = z.object({
  contract: digestSchema,
  code: digestSchema,
  model: digestSchema,
  evidence: digestSchema,
});

export const releaseSchema: z.ZodType<Release> = z.object({
  service: z.string(),
  environment: z.string(),
  owner: z.string().exactOptional(),
  number: z.number().int().positive(),
  code: releasedCodeSchema,
  model: releasedModelSchema,
  golden: releasedGoldenSchema.nullable(),
  pair: digestSchema,
  unprovenPair: z.boolean(),
  replicas: replicaCountsSchema,
  keepPreviousMs: z.number(),
  startTimeoutMs: z.number().optional(),
  stuckAfterMs: z.number().positive().optional(),
  steps: z.array(z.number()),
  canary: releaseCanarySchema.optional(),
  capture: releaseCaptureSchema.optional(),
  objective: answerLimitsSchema.optional(),
  clients: clientRulesSchema.optional(),
  cause: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('release') }),
    z.object({
      kind: z.literal('rollback'),
      axis: axisSchema,
      from: z.number().int(),
      to: z.number().int(),
      reason: z.string(),
      drill: z.boolean().optional(),
    }),
  ]),
  waivers: z.array(waiverSchema),
  bundles: releaseBundlesSchema.optional(),
  createdAtMs: z.number(),
  createdBy: z.string(),
});

export const releaseAnswerSchema: z.ZodType<ReleaseAnswer> = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.enum(['released', 'live', 'renewed']), release: releaseSchema, ask: releaseAskSchema }),
  z.object({ outcome: z.enum(['fetching', 'requested']), release: z.null(), ask: releaseAskSchema }),
]);

export const cancelAskSchema = z.object({ service: nameSchema, environment: nameSchema, reason: reasonSchema });

export const removalRequestSchema = z.object({
  service: nameSchema.exactOptional(),
  environment: nameSchema.exactOptional(),
  reason: reasonSchema.exactOptional(),
});
/** `leaving` until no replica of it is left. */
export const removalAnswerSchema = z.object({
  service: z.string(),
  environment: z.string(),
  state: z.enum(['leaving', 'removed']),
  replicas: z.number().int(),
});
export type RemovalAnswer = z.infer<typeof removalAnswerSchema>;

export const deploymentSchema: z.ZodType<Deployment> = z.object({
  service: z.string(),
  environment: z.string(),
  live: z.number().int().nullable(),
  incoming: z.number().int().nullable(),
  phase: z.enum(['starting', 'shadowing', 'stepping', 'live', 'failed', 'removed']),
  step: z.number().int(),
  previous: z.object({ release: z.number().int(), untilMs: z.number() }).nullable(),
  reason: z.string(),
  changedAtMs: z.number(),
  revision: z.number().int(),
});

export const barSchema: z.ZodType<Bar> = z.object({
  service: z.string(),
  environment: z.string(),
  axis: axisSchema,
  digest: digestSchema,
  reason: z.string(),
  by: z.string(),
  atMs: z.number(),
});

/** The release that a rollback made; `journaled` where it stands in the journal until the store answers again. */
export const rollbackAnswerSchema = z.intersection(releaseSchema, z.object({ journaled: z.string().exactOptional() }));

export const rollbackRequestSchema = z.object({
  service: nameSchema,
  environment: nameSchema,
  axis: axisSchema,
  to: z.number().int().positive().exactOptional(),
  reason: reasonSchema,
  /** To show that a way back is there: nothing is barred. */
  drill: z.boolean().exactOptional(),
  /** Also where the store does not answer and the lease has run out: nobody else acts for this service. */
  emergency: z.boolean().exactOptional(),
});

export const approvalRequestSchema = z.object({
  service: nameSchema,
  environment: nameSchema,
  bundle: digestSchema,
  reason: reasonSchema,
});

export const approvalAnswerSchema = z.object({ bundle: digestSchema, by: z.string(), atMs: z.number() });

export const waiveRequestSchema = z.object({
  service: nameSchema,
  environment: nameSchema,
  kind: evidenceKindSchema,
  /** What was measured and fails is waived with it, and nothing else. */
  failing: z.literal(true).exactOptional(),
  reason: reasonSchema,
  untilMs: untilMsSchema,
});
