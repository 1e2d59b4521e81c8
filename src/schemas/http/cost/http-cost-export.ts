import * as z from 'zod';

const dayMs = 86_400_000;
/** Rows of a large fleet are many: whoever asks for more asks again. */
export const exportedAtMostMs = 31 * dayMs;

export const exportFormats = ['focus', 'opencost'] as const;
export type ExportFormat = (typeof exportFormats)[number];

const wall = z.coerce.number().int().nonnegative();
const range = { fromMs: wall, toMs: wall };
const isRange = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): boolean =>
  fromMs < toMs && toMs - fromMs <= exportedAtMostMs;
const rangeProblem = { message: '`toMs` is after `fromMs`, and at most 31 days later' };

export const costExportQuerySchema = z
  .object({ ...range, format: z.enum(exportFormats) })
  .refine(isRange, rangeProblem);
export const costedHoursQuerySchema = z.object(range).refine(isRange, rangeProblem);

/** Recorded hours in the form of another program. */
export const costExportSchema = z.object({
  /** CSV with a line of column names, or JSON. */
  text: z.string(),
  /** Recorded hours that it tells of; hours that are not closed are left out, because they may change. */
  hours: z.number().int().nonnegative(),
  /** Device-milliseconds without a price, which `text` does not tell of. */
  unpricedMs: z.number().int(),
});
export type CostExport = z.infer<typeof costExportSchema>;

/** Money of recorded hours by device, what an invoice is held against. */
export const costedHoursSchema = z.object({
  ledgers: z.array(
    z.object({
      /** Null: of pools without a price book. */
      currency: z.string().nullable(),
      hours: z.array(z.object({ resource: z.string(), hourMs: z.number().int(), micros: z.number().int() })),
    }),
  ),
  /** Recorded hours in the range. */
  hours: z.number().int().nonnegative(),
  unpricedMs: z.number().int(),
  /** End of the newest recorded hour of the whole ledger; null where none is recorded. */
  closedToMs: z.number().nullable(),
});
export type CostedHours = z.infer<typeof costedHoursSchema>;

export interface CostRange {
  readonly fromMs: number;
  readonly toMs: number;
}
