import * as z from 'zod';
import { causes, experiments } from '../../core/diagnosis/cause.ts';
import type { DiagnosisRecord } from '../../core/diagnosis/report/diagnosis-record.ts';
import type { AcceleratorPrice, ToldFinding } from '../../core/diagnosis/report/tell-finding.ts';
import { diagnosisRecordSchema, suspicionSchema, toldEffectSchema } from './diagnosis-record.ts';

/** A diagnosis with the finding that its record gives. */
export interface ShownDiagnosis {
  readonly record: DiagnosisRecord;
  readonly finding: ToldFinding;
}

/** The diagnosis that somebody ran last. */
export interface RunDiagnosis extends ShownDiagnosis {
  readonly by: string;
  /** Of its event. */
  readonly seq: number;
}

/** `GET /v1/diagnosis`. */
export interface DiagnosisAnswer {
  /** When it was answered, by the clock that each `takenAtMs` is compared with. */
  readonly nowMs: number;
  /** What the control plane read last while the service runs, without experiments; or why it read nothing. */
  readonly watched: ShownDiagnosis | { readonly missing: string };
  /** The newest that `plimsoll diagnose` sent; null without one. */
  readonly run: RunDiagnosis | null;
  /** Of an accelerator-hour, by the prices of the environment; null where none is known. */
  readonly price: AcceleratorPrice | null;
}

export interface RecordDiagnosisRequest {
  readonly service: string;
  readonly environment: string;
  readonly record: DiagnosisRecord;
}

const cause = z.enum(causes);
const experiment = z.enum(experiments);

const findingSchema: z.ZodType<ToldFinding> = z.object({
  verdict: z.enum(['shown', 'undetermined', 'none']),
  cause: cause.nullable(),
  effect: z.object({ ...toldEffectSchema.shape, words: z.string() }).nullable(),
  alsoShown: z.array(z.object({ cause, words: z.string() })),
  alsoFits: z.array(cause),
  likeliest: z.array(suspicionSchema),
  deciding: experiment.nullable(),
  cost: z
    .object({
      acceleratorSecondsPerHour: z.number(),
      money: z.object({ perHour: z.number(), currency: z.string() }).nullable(),
    })
    .nullable(),
  remedy: z.string().nullable(),
  gain: z.object({ kind: z.enum(['as-measured', 'at-most']), words: z.string() }).nullable(),
  experiments: z.array(
    z.object({
      experiment,
      causes: z.array(cause),
      kind: z.enum(['shown', 'excluded', 'not-shown', 'not-run']),
      words: z.string(),
      rounds: z.number().nullable(),
      notUndone: z.string().nullable(),
    }),
  ),
});

const shown = { record: diagnosisRecordSchema, finding: findingSchema };

export const diagnosisAnswerSchema: z.ZodType<DiagnosisAnswer> = z.object({
  nowMs: z.number(),
  watched: z.union([z.object(shown), z.object({ missing: z.string() })]),
  run: z.object({ ...shown, by: z.string(), seq: z.number() }).nullable(),
  price: z.object({ perHour: z.number(), currency: z.string() }).nullable(),
});

/** A record is an event, and events are kept. One of a node with all its readings unknown has some 15,000. */
const recordBytesAtMost = 65_536;

export const recordDiagnosisSchema = z.strictObject({
  service: z.string().min(1).max(200),
  environment: z.string().min(1).max(200),
  record: diagnosisRecordSchema.refine((record) => JSON.stringify(record).length <= recordBytesAtMost, {
    error: `a record has at most ${recordBytesAtMost} characters`,
  }),
});
