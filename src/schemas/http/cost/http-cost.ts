import * as z from 'zod';
import { dimensions } from '../../../core/cost/ledger/query/columns.ts';
import { splitMethods } from '../../../core/cost/prices/price-book.ts';
import { ledgerStates, unattributableReasons } from '../../../core/cost/ledger/state.ts';

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
  /**
   * Effective cost in millionths of the report's `currency`; null where no row has a price, and where the report has several
   * currencies: then `moneyMicros` has each of them.
   */
  micros: amount.nullable(),
  /** Effective cost in millionths by currency. Money of two currencies is never added up. */
  moneyMicros: z.record(z.string(), amount),
  /** Device-milliseconds without a price, which no money tells of. */
  unpricedMs: amount,
  /** In millionths of `currency`; null without answers, without `micros`, and where some of the time has no price. */
  costPer1000AnswersMicros: amount.nullable(),
  costPerMillionTokensMicros: amount.nullable(),
});

/** By which book the time of a pool is priced. */
const poolPricesSchema = z.object({
  pool: z.string(),
  /** Where the prices come from, as the book says it; null where the pool has no book. */
  source: z.string().nullable(),
  currency: z.string().nullable(),
  split: z.enum(splitMethods).nullable(),
  /** Why time of the pool has no money; null where all of it has. */
  problem: z.string().nullable(),
  next: z.string().nullable(),
});

/** What a commitment paid for and nobody had. Nobody owns this money, and no group has it. */
const unusedSchema = z.object({
  commitment: z.string(),
  deviceClass: z.string(),
  currency: z.string(),
  /** Device-milliseconds. */
  unusedMs: count,
  micros: count,
});

const unitSchema = z.object({
  /** Accelerators, or cores of nodes for services without one. They are never added up with each other. */
  unit: z.enum(['accelerator', 'core']),
  /** Names of devices in the account; all cores of a node are one. */
  devices: count,
  /** The most expensive first, then the longest. */
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

const sharingSchema = z.object({
  device: z.string(),
  service: z.string(),
  environment: z.string(),
  beside: z.object({ service: z.string(), environment: z.string() }),
  /** Minutes in which the service answered while the other had no request, and while it had some. */
  idleMinutes: count,
  busyMinutes: count,
  /** Mean of the median latencies of these minutes. */
  idleMs: z.number().nullable(),
  busyMs: z.number().nullable(),
  /** 95% limits. Null: not measured yet, fewer than 5 minutes of either. */
  difference: z.object({ estimateMs: z.number(), lowerMs: z.number(), upperMs: z.number() }).nullable(),
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
  /** Of all money of the report; null where there is none, and where there are several. */
  currency: z.string().nullable(),
  /** All currencies of the report, sorted. */
  currencies: z.array(z.string()),
  /** Of each pool that has time in the report, sorted. */
  prices: z.array(poolPricesSchema),
  /** Empty where the report is of one service or environment: this money is nobody's. */
  unused: z.array(unusedSchema),
  units: z.array(unitSchema),
  /** What in the facts cannot be true: the first 100. The rows add up all the same. */
  errors: z.array(errorSchema),
  errorCount: count,
  /**
   * Devices and cores of which replicas hold more than there is, by hour: the first 100. No fact is wrong, and each service has
   * its row. Absent from an older control plane.
   */
  overcommitted: z.array(errorSchema).exactOptional(),
  /**
   * What services on one device or machine cost each other in latency, over the last two hours. Empty in a report of one service or
   * environment. Absent from an older control plane.
   */
  sharing: z.array(sharingSchema).exactOptional(),
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
