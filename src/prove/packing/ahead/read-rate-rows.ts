import type { RateQuantile, RateRow } from '../../../core/packing/plan-ahead/demand/demand-forecast.ts';
import type { RecordedDay } from '../../../core/packing/plan-ahead/demand/fit-history.ts';
import { readRows, type FilePorts, type Row } from '../read-packing-rows.ts';
import { matchService } from './stated-numbers.ts';

const dayMs = 86_400_000;
const help = 'plimsoll capacity plan --help';
const quantileColumns = ['p01', 'p05', 'p10', 'p25', 'p50', 'p75', 'p90', 'p95', 'p99'] as const;
const recordedDaysAtLeast = 7;
const recordedDaysAtMost = 3_700;

/**
 * Returns the forecast rates of each service of a CSV file, in the order of time.
 *
 * | column | is |
 * |---|---|
 * | `date`, or `time` | a day, UTC: `2027-01-31` |
 * | `service` | a planned service; may be left out where one service is planned |
 * | `rate` | the estimate of the mean rate from this day on, requests a second; `p50` where it is left out |
 * | `p05`, `p10`, `p25`, `p50`, `p75`, `p90`, `p95` | quantiles of that rate |
 *
 * @param startDay whole days since 1970; rows count from it.
 * @throws PlimsollError `packing-row-invalid` (input) with file and line.
 */
export async function readForecastRates(
  ports: FilePorts,
  shown: string,
  names: readonly string[],
  startDay: number,
): Promise<ReadonlyMap<string, readonly RateRow[]>> {
  const rows = await readRows(ports, shown, [], help);
  const found = new Map<string, RateRow[]>();
  for (const row of rows) {
    const service = serviceOf(row, names, shown);
    const quantiles = readQuantiles(row);
    const median = quantiles.find(({ share }) => share === 0.5)?.ratePerSecond;
    const ratePerSecond = row.has('rate') || median === undefined ? amountOf(row, 'rate') : median;
    const own = found.get(service) ?? [];
    found.set(service, own);
    const day = dayOf(row) - startDay;
    if (own.some((each) => each.day === day)) throw row.invalid(`${service} has two rows of one day`);
    own.push({ day, ratePerSecond, quantiles });
  }
  for (const own of found.values()) own.sort((a, b) => a.day - b.day);
  return found;
}

/**
 * Returns the recorded days of each service of a CSV file with `date`, `rate` and, for several services, `service`. Days are
 * consecutive, at least seven.
 * @throws PlimsollError `packing-row-invalid` (input) with file and line.
 */
export async function readRecordedDays(
  ports: FilePorts,
  shown: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly RecordedDay[]>> {
  const rows = await readRows(ports, shown, [], help);
  const found = new Map<string, RecordedDay[]>();
  for (const row of rows) {
    const service = serviceOf(row, names, shown);
    const own = found.get(service) ?? [];
    found.set(service, own);
    const day = dayOf(row);
    const last = own.at(-1)?.day;
    if (last !== undefined && day !== last + 1) {
      throw row.invalid(`the day after ${new Date(last * dayMs).toISOString().slice(0, 10)} is missing for ${service}`);
    }
    own.push({ day, ratePerSecond: amountOf(row, 'rate') });
    if (own.length > recordedDaysAtMost) throw row.invalid(`there are more than ${recordedDaysAtMost} days`);
  }
  const short = [...found].find(([, own]) => own.length < recordedDaysAtLeast);
  const last = rows.at(-1);
  if (short !== undefined && last !== undefined) {
    throw last.invalid(`${short[0]} has ${short[1].length} days, and at least ${recordedDaysAtLeast} are needed`);
  }
  return found;
}

function serviceOf(row: Row, names: readonly string[], shown: string): string {
  const [only] = names;
  if (row.has('service')) return matchService(row.text('service'), names, shown);
  if (names.length === 1 && only !== undefined) return only;
  throw row.invalid(`there is no column service, and ${names.length} services are planned`);
}

function dayOf(row: Row): number {
  const text = row.text('date', 'time');
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(atMs)) throw row.invalid(`date is "${text.slice(0, 40)}", and is to be a day like 2027-01-31`);
  return atMs / dayMs;
}

function amountOf(row: Row, column: string): number {
  const text = row.text(column);
  const value = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(value)) {
    throw row.invalid(`${column} is "${text.slice(0, 40)}", and is to be requests a second like 12.5`);
  }
  return value;
}

function readQuantiles(row: Row): readonly RateQuantile[] {
  const quantiles = quantileColumns.flatMap((column) =>
    row.has(column) ? [{ share: Number(column.slice(1)) / 100, ratePerSecond: amountOf(row, column) }] : [],
  );
  const falls = quantiles.find((each, at) => each.ratePerSecond < (quantiles[at - 1]?.ratePerSecond ?? 0));
  if (falls !== undefined) throw row.invalid('a higher quantile has a lower rate');
  return quantiles;
}
