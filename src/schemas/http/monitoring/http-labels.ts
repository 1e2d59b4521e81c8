import * as z from 'zod';
import { askedAtMost } from '../../../core/monitoring/asked/ask.ts';
import type { JudgedMetric, LabelsReport } from '../../../core/monitoring/labels/judge-labels.ts';
import type { LabelTally } from '../../../core/monitoring/labels/label-memory.ts';
import { isRequestId, type LabelsReceived } from '../../../core/monitoring/labels/receive-labels.ts';

/** Of one request; whoever has more sends them one batch after another. */
export const labelsAtOnce = 10_000;
export const labelTextAtMost = 16_384;

const sentLabelSchema = z
  .object({
    requestId: z
      .string()
      .refine(isRequestId, 'a request id is of 1 to 200 characters, none of them NUL or half of one'),
    /** Whether the answer was right. */
    right: z.boolean().exactOptional(),
    /** What the answer should have been. */
    label: z.union([z.string().max(labelTextAtMost), z.number()]).exactOptional(),
    /** When the truth was known. */
    atMs: z.number().int().exactOptional(),
  })
  .refine(({ right, label }) => (right === undefined) !== (label === undefined), 'one of `right` and `label`');
export type SentLabel = z.infer<typeof sentLabelSchema>;

export const labelsRequestSchema = z.object({
  /** The release that answered; told by the recorded predictions where it is left out. */
  release: z.number().int().positive().exactOptional(),
  labels: z.array(sentLabelSchema).min(1),
});
export type LabelsRequest = z.infer<typeof labelsRequestSchema>;

const receivedSchema: z.ZodType<LabelsReceived> = z.object({
  tally: z.object({
    recorded: z.number().int(),
    repeated: z.number().int(),
    contradicted: z.number().int(),
    future: z.number().int(),
    unknown: z.number().int(),
  }),
  waiting: z.number().int(),
  named: z.array(z.object({ requestId: z.string(), reason: z.string() })),
});

/** `counted`, `repeated` and `ignored` are of the judge of a step: ignored where no step of that release is judged by labels. */
export const labelsAnswerSchema = z.object({
  counted: z.number().int(),
  repeated: z.number().int(),
  ignored: z.number().int(),
  /** What was recorded of them; null where the contract asks for no labels. */
  recorded: receivedSchema.nullable(),
});
export interface LabelsAnswer {
  readonly counted: number;
  readonly repeated: number;
  readonly ignored: number;
  readonly recorded: LabelsReceived | null;
}

/** `POST /v1/labels/ask`: the same id again gives the same requests. */
export const askLabelsRequestSchema = z.object({
  askId: z.string().regex(/^[A-Za-z0-9][\w.-]{0,99}$/, 'letters, digits, `.`, `_` and `-`, 100 at most'),
  count: z.number().int().min(1).max(askedAtMost),
});
export type AskLabelsRequest = z.infer<typeof askLabelsRequestSchema>;

export const askedLabelsSchema = z.object({
  askId: z.string(),
  askedAtMs: z.number(),
  /** Requests that were chosen from. */
  rows: z.number().int(),
  activeShare: z.number(),
  /** Whether the labels are a term of the alarm; the limits take them in any case. */
  bets: z.boolean(),
  /** Draws that were made: now and then two fall on one request, whose label then counts for both. Older ones say none. */
  draws: z.number().int().optional(),
  requests: z.array(
    z.object({ requestId: z.string(), atMs: z.number(), propensityShare: z.number(), isLabelled: z.boolean() }),
  ),
});
export type AskedLabels = z.infer<typeof askedLabelsSchema>;

const boundsSchema = z.object({ low: z.number(), high: z.number() });
const named = z.array(z.object({ metric: z.string(), reason: z.string() }));
const delaySchema = z.object({
  labels: z.number(),
  medianMs: z.number().nullable(),
  p95Ms: z.number().nullable(),
});

const judgedMetricSchema: z.ZodType<JudgedMetric> = z.object({
  metric: z.string(),
  verdict: z.enum(['pass', 'fail', 'inconclusive', 'unknown']),
  reason: z.string(),
  live: boundsSchema.nullable(),
  seen: boundsSchema.nullable(),
  evaluated: boundsSchema.nullable(),
  limit: z.number().nullable(),
  moreCohorts: z.number().nullable(),
});

/** A control plane that is older than asked labels says neither `asked` nor `estimate`. */
const reportSchema: z.ZodType<LabelsReport> = z.object({
  withinMs: z.number(),
  cohortMs: z.number(),
  cohorts: z.number().int(),
  rows: z.object({
    mature: z.number().int(),
    labelled: z.number().int(),
    late: z.number().int(),
    unusable: z.number().int(),
    otherRelease: z.number().int(),
  }),
  completenessShare: z.number().nullable(),
  delays: z.object({ right: delaySchema, wrong: delaySchema, differs: z.boolean().nullable() }),
  metrics: z.array(judgedMetricSchema),
  asked: z
    .object({
      asks: z.number().int(),
      rows: z.number().int(),
      chosen: z.number().int(),
      labelled: z.number().int(),
      metrics: z.array(judgedMetricSchema),
    })
    .nullable()
    .default(null),
  estimate: z.object({ riskShare: z.number(), rows: z.number().int() }).nullable().default(null),
  unknown: named,
});

const tallySchema: z.ZodType<LabelTally> = z.object({
  recorded: z.number().int(),
  repeated: z.number().int(),
  contradicted: z.number().int(),
  future: z.number().int(),
  unknown: z.number().int(),
  droppedPredictions: z.number().int(),
});

/** `GET /v1/labels`: what came of labels, and what they say. */
export const labelsStatusSchema: z.ZodType<LabelsStatus> = z.object({
  report: reportSchema.nullable(),
  tally: tallySchema,
  open: z.object({ predictions: z.number().int(), labelled: z.number().int() }),
  waiting: z.number().int(),
});

export interface LabelsStatus {
  /** Null while nothing was judged: no prediction is recorded, or the contract asks for no labels. */
  readonly report: LabelsReport | null;
  readonly tally: LabelTally;
  /** Predictions that are not mature yet. What their labels say is not shown: early labels are no fair sample. */
  readonly open: { readonly predictions: number; readonly labelled: number };
  /** Labels without a prediction. */
  readonly waiting: number;
}
