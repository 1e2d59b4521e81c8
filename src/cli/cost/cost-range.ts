import { hourMs, hourOf } from '../../core/cost/ledger/row.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CostRange } from '../../schemas/http/cost/http-cost-export.ts';
import { readSince } from './cost-options.ts';

const dayMs = 86_400_000;
const daysAtMost = 400;

/**
 * Returns the hours that are asked for: from `--from` up to `--to`, both days (UTC), or those since `--since`.
 * @throws PlimsollError `option-invalid` (input).
 */
export function readRange(options: Readonly<Record<string, unknown>>, nowMs: number): CostRange {
  const { from, to, since } = options;
  if (from !== undefined && since !== undefined)
    throw invalid('--from and --since both say when it begins', 'give one');
  const fromMs = from === undefined ? hourOf(nowMs - readSince(since)) : readDay('--from', from);
  const toMs = to === undefined ? hourOf(nowMs) + hourMs : readDay('--to', to);
  if (toMs <= fromMs)
    throw invalid('the time ends before it begins', 'plimsoll cost --focus --from 2026-11-01 --to 2026-12-01');
  if (toMs - fromMs > daysAtMost * dayMs) throw invalid(`the time is longer than ${daysAtMost} days`, 'ask for less');
  return { fromMs, toMs };
}

/** Returns a range day by day: an answer about one day of a large fleet has some megabytes. */
export function splitDays({ fromMs, toMs }: CostRange): readonly CostRange[] {
  const count = Math.ceil((toMs - fromMs) / dayMs);
  return Array.from({ length: count }, (_, index) => ({
    fromMs: fromMs + index * dayMs,
    toMs: Math.min(toMs, fromMs + (index + 1) * dayMs),
  }));
}

function readDay(name: string, value: unknown): number {
  const text = String(value);
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  if (!Number.isNaN(atMs)) return atMs;
  throw invalid(`${name} ${text} is no day`, 'write it as 2026-11-01');
}

function invalid(message: string, next: string): PlimsollError {
  return new PlimsollError({ code: 'option-invalid', category: 'input', message, next });
}
