import type { Dictionary, Dimension, LedgerColumns } from '../../src/core/cost/ledger/query/columns.ts';
import { summariseColumns } from '../../src/core/cost/ledger/query/summarise.ts';
import { ledgerStates } from '../../src/core/cost/ledger/state.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { median } from '../median.ts';

const services = 1_000;
const devices = 5_000;
const days = 30;
/** Rows of a device in an hour: serving, idle, and what began or ended. */
const rowsPerHour = 3;

export interface GroupRate {
  readonly rows: number;
  readonly megabytes: number;
  /** Median of five, milliseconds, by what was asked for. */
  readonly groupMs: Readonly<Record<string, number>>;
}

/** Times group-bys over the hourly rows of 1,000 services on 5,000 devices in 30 days. */
export function measureGroupRate(): GroupRate {
  const columns = makeMonth();
  const asked: readonly (readonly Dimension[])[] = [
    ['service'],
    ['team'],
    ['state'],
    ['release'],
    ['pool', 'device-class'],
    ['service', 'environment'],
    ['service', 'state'],
    ['hour'],
    ['day', 'state'],
    ['day', 'service'],
  ];
  const groupMs = asked.map((by) => {
    const times = Array.from({ length: 5 }, () => {
      const startedMs = performance.now();
      summariseColumns(columns, by);
      return performance.now() - startedMs;
    });
    return [by.join(', '), Math.round(median(times))] as const;
  });
  const arrays = [
    ...Object.values(columns.dimensions).map(({ codes }) => codes),
    columns.computeMs,
    columns.filledMs,
    columns.unratedMs,
    columns.answers,
    columns.tokens,
    columns.micros,
  ];
  const bytes = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { rows: columns.rows, megabytes: Math.round(bytes / 2 ** 20), groupMs: Object.fromEntries(groupMs) };
}

function makeMonth(): LedgerColumns {
  const rows = devices * days * 24 * rowsPerHour;
  const random = seededRandom(1);
  const serviceOf = Uint16Array.from(
    { length: rows },
    (_, row) => Math.floor(row / rowsPerHour + random.nextBelow(2)) % services,
  );
  const codes = (size: number, of: (service: number, row: number) => number): Dictionary => {
    const make = size <= 256 ? Uint8Array : Uint16Array;
    const column = new make(rows);
    for (let row = 0; row < rows; row += 1) column[row] = of(serviceOf[row] ?? 0, row) % size;
    return { codes: column, values: Array.from({ length: size }, (_, code) => `value-${code}`) };
  };
  const ints = (): Int32Array => {
    const column = new Int32Array(rows);
    for (let row = 0; row < rows; row += 1) column[row] = random.nextUint32() % 1_200_000;
    return column;
  };
  const floats = (): Float64Array => {
    const column = new Float64Array(rows);
    for (let row = 0; row < rows; row += 1) column[row] = random.nextUint32() % 5_000;
    return column;
  };
  return {
    rows,
    dimensions: {
      service: codes(services, (service) => service),
      team: codes(60, (service) => service),
      environment: codes(3, (service) => service),
      pool: codes(20, (_, row) => Math.floor(row / (days * 24 * rowsPerHour))),
      'device-class': codes(8, (_, row) => Math.floor(row / (days * 24 * rowsPerHour))),
      state: codes(ledgerStates.length, (_, row) => row),
      release: codes(20_000, (service, row) => service * 20 + Math.floor(row / 500_000)),
      model: codes(2_000, (service, row) => service * 2 + Math.floor(row / 5_000_000)),
      cause: codes(8, (_, row) => row),
      purpose: codes(6, (_, row) => row),
      grade: codes(4, (_, row) => row),
      hour: codes(days * 24, (_, row) => Math.floor(row / rowsPerHour)),
      day: codes(days, (_, row) => Math.floor(row / (24 * rowsPerHour))),
    },
    computeMs: ints(),
    filledMs: ints(),
    unratedMs: new Int32Array(rows),
    answers: floats(),
    tokens: floats(),
    micros: floats(),
  };
}
