import * as z from 'zod';
import { dimensions } from '../../core/cost/ledger/query/columns.ts';
import { ledgerStates, unattributableReasons } from '../../core/cost/ledger/state.ts';

const amount = z.number().int();
const count = amount.nonnegative();

/** Device-milliseconds by state. */
const stateMs = z.record(z.enum(ledgerStates), amount);

const sums = z.object({
  /** Device-milliseconds of all states. */
  computeMs: amount,
  stateMs,
  /** Of `serving`: what the work takes at the sustained capacity, and what cannot be told because none is measured. */
  filledMs: amount,
  unratedMs: amount,
  answers: amount,
  tokens: amount,
  /** Filled share of the time that replicas hold; null where no capacity is measured. */
  utilizationShare: z.number().nullable(),
});

const unitSchema = z.object({
  /** Accelerators, or cores of nodes for services without one. They are never added up with each other. */
  unit: z.enum(['accelerator', 'core']),
  /** Names of devices in the account; all cores of a node are one. */
  devices: count,
  /** The longest first. */
  groups: z.array(sums.extend({ group: z.record(z.string(), z.string().nullable()) })),
  total: sums,
  unattributable: z.array(z.object({ reason: z.enum(unattributableReasons), computeMs: amount })),
});

const errorSchema = z.object({
  kind: z.string(),
  fromMs: z.number(),
  toMs: z.number(),
  device: z.string().nullable(),
  claims: z.array(z.string()),
  message: z.string(),
});

/** What the ledger says of a time. */
export const costReportSchema = z.object({
  /** Start of an hour. */
  fromMs: z.number(),
  /** Up to when everything is recorded; `fromMs` where nothing is. */
  toMs: z.number(),
  /** Hours from here on are derived for this answer and may change; null where all are recorded. */
  openFromMs: z.number().nullable(),
  by: z.array(z.enum(dimensions)),
  /** Rows of this owner alone; null for all time of all devices, which is then devices times time. */
  service: z.string().nullable(),
  environment: z.string().nullable(),
  units: z.array(unitSchema),
  /** What in the facts cannot be true: the first 100. The rows add up all the same. */
  errors: z.array(errorSchema),
  errorCount: count,
});
export type CostReport = z.infer<typeof costReportSchema>;
export type CostUnit = CostReport['units'][number];

/** Whether recorded hours come out the same again. */
export const rebuiltLedgerSchema = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  /** Hours that were recorded and derived again. */
  hours: count,
  /** Hours whose facts are not kept any more. */
  forgotten: count,
  identical: z.boolean(),
  recordedDigest: z.string(),
  rebuiltDigest: z.string(),
  different: z.array(z.object({ hourMs: z.number(), rows: count, errors: count })),
});
export type RebuiltLedger = z.infer<typeof rebuiltLedgerSchema>;

/** An answer is about 400 days at most. */
const sinceAtMostMs = 400 * 86_400_000;
const sinceMs = z.coerce.number().int().positive().max(sinceAtMostMs).default(86_400_000);

const namesSchema = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(dimensions)).max(dimensions.length))
  .default(['service']);

export const costQuerySchema = z.object({
  /** Names of dimensions with commas. */
  by: namesSchema,
  sinceMs,
  service: z.string().exactOptional(),
  environment: z.string().exactOptional(),
});
export const rebuildQuerySchema = z.object({ sinceMs });

export interface CostRequest {
  readonly by: CostReport['by'];
  /** How long ago the account begins; the hour that this falls in is part of it. */
  readonly sinceMs: number;
  readonly service?: string;
  readonly environment?: string;
}
