import * as z from 'zod';
import { causes, experiments } from '../../core/diagnosis/cause.ts';
import { readingNames } from '../../core/diagnosis/readings/window-readings.ts';
import type { DiagnosisRecord } from '../../core/diagnosis/report/diagnosis-record.ts';
import { requestPhases } from '../../core/diagnosis/waterfall/request-phase.ts';

/** Sentences hold numbers, names of threads and disks; no list is longer than what it is about. */
const sentence = z.string().max(2_000);
const name = z.string().min(1).max(300);
const time = z.number().int().min(0).max(8.64e15);
const rowsAtMost = 100;

const reading = z.union([z.strictObject({ value: z.number() }), z.strictObject({ unknown: sentence })]);
const cause = z.enum(causes);
const experiment = z.enum(experiments);

export const suspicionSchema = z.strictObject({
  cause,
  strength: z.number().min(0).max(1),
  reason: sentence,
  experiment: experiment.nullable(),
});

export const toldEffectSchema = z.strictObject({
  estimate: z.number().min(-1),
  lower: z.number().min(-1).nullable(),
  upper: z.number().min(-1).nullable(),
});

const experimentSchema = z.strictObject({
  experiment,
  causes: z.array(cause).max(causes.length),
  outcome: z.union([
    z.strictObject({ effect: toldEffectSchema, rounds: z.number().int().min(1).max(rowsAtMost) }),
    z.strictObject({ notRun: sentence }),
  ]),
  notUndone: sentence.nullable(),
});

const waterfallSchema = z.strictObject({
  requests: reading,
  totalMs: reading,
  rows: z
    .array(z.strictObject({ phase: z.enum(requestPhases), waitsFor: sentence, ms: reading }))
    .max(requestPhases.length),
  notAccountedMs: reading,
});

const ceilingSchema = z.strictObject({
  name: z.enum(readingNames),
  label: sentence,
  use: reading,
  text: name,
  line: z.strictObject({ is: z.enum(['at-least', 'below']), at: z.number(), cause }).nullable(),
  measuredAtMs: time.nullable(),
});

/** What a diagnosis read and measured; bounded, because whoever may measure may send one. */
export const diagnosisRecordSchema: z.ZodType<DiagnosisRecord> = z.strictObject({
  takenAtMs: time,
  windowMs: z.number().positive().max(3_600_000),
  node: name.nullable(),
  engine: z.strictObject({
    of: z.enum(['accelerator', 'cpu']),
    activity: z.enum(['busy', 'between', 'idle', 'unknown']),
    reason: sentence,
  }),
  waterfall: waterfallSchema.nullable(),
  ceilings: z.array(ceilingSchema).max(readingNames.length),
  suspected: z.array(suspicionSchema).max(causes.length),
  unread: z
    .array(
      z.strictObject({
        reason: sentence,
        readings: z.array(sentence).max(readingNames.length),
        causes: z.array(cause).max(causes.length),
      }),
    )
    .max(rowsAtMost),
  experiments: z.array(experimentSchema).max(experiments.length),
  accelerators: z.number().int().min(1).max(1_024),
  loadedShare: z.number().min(0).max(1),
});
