import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeHour } from '../../control-plane/ledger/hours/close-hours.ts';
import { readCsv } from '../../core/cost/exchange/csv-text.ts';
import { readMoney } from '../../core/cost/exchange/money-text.ts';
import { readPriceBook } from '../../schemas/prices/read-price-book.ts';
import {
  appeared,
  began,
  changed,
  hour,
  hour0,
  minute,
  whole,
  worked,
} from '../../testing/builders/cost/ledger-builders.ts';
import { ledgerRecordsOf } from '../../testing/builders/cost/ledger-records.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';
import { openStoreOperations, type StoreOperations } from '../../testing/rigs/store-operations.ts';

let world: StoreOperations;
let folder: string;
beforeEach(async () => {
  world = await openStoreOperations();
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-cost-'));
  await world.clock.advance(hour0 + hour + 30 * minute - world.clock.nowMs());
});
afterEach(() => rm(folder, { recursive: true }));

const cost = (...args: readonly string[]) =>
  runCommandLine(['cost', ...args], { operations: world.operationsFor('ada'), cwd: folder, clock: world.clock });
const write = async (name: string, text: string): Promise<string> => {
  await writeFile(path.join(folder, name), text);
  return name;
};

/** Two accelerators at 2 EUR an hour: one is of `ranker`, the other stands empty. The first hour is recorded. */
async function record({ priced = true } = {}): Promise<void> {
  const facts = [
    appeared(0, 'gpu-0'),
    appeared(0, 'gpu-1'),
    began(0, 'r1', whole('gpu-0')),
    changed(0, 'r1', 'ready'),
    worked(0, hour, 'r1', 20 * minute, { answers: 600 }),
  ];
  await world.write((tx) => tx.appendLedgerRecords(ledgerRecordsOf(facts, hour0, hour0 + hour + 30 * minute)));
  await world.write(async (tx) => tx.appendLedgerEntry(await closeHour(world.store, hour0, 5)));
  const text = 'currency: EUR\nsource: a list\ndevices: [{ class: default, price: 2/h, from: 2025-01-01 }]\n';
  const terms = { platform: 'kubernetes', pool: { name: 'gpus' }, prices: readPriceBook(text, 'p.yaml') } as const;
  if (priced) await world.operationsFor('ada').setEnvironmentRecord({ environment: 'prod', terms });
}

describe('plimsoll cost --focus', () => {
  const day = ['--from', '2026-01-01', '--to', '2026-01-03'];

  it('has a row for each charge of the recorded hours, under one line of names', async () => {
    await record();
    const { exit, out } = await cost('--focus', ...day);
    const rows = readCsv(out).map(({ fields }) => fields);
    expect(exit).toBe(0);
    expect(rows.reduce((sum, { EffectiveCost }) => sum + (readMoney(EffectiveCost ?? '') ?? NaN), 0)).toBe(4_000_000);
    expect(rows.map((row) => [row['ResourceId'], row['x_State'], row['ChargeClass']])).toContainEqual([
      'gpu-1',
      'unallocated',
      null,
    ]);
  });

  it('writes what was corrected as rows of their own, and the sum stays what the devices cost', async () => {
    await record();
    const [entry] = await world.store.ledgerEntries(hour0, hour0 + hour);
    const idle = entry?.rows.find(({ state }) => state === 'idle');
    if (idle === undefined) throw new Error('the hour has no idle time');
    const moved = { computeMs: minute, memoryMs: minute };
    const less = { computeMs: -minute, memoryMs: -minute };
    const rest = { newErrors: [], withdrawnErrors: [] };
    const nothing = { filledMs: 0, unratedMs: 0, answers: 0, tokens: 0 };
    const rows = [
      { ...idle, ...nothing, ...less },
      { ...idle, ...nothing, ...moved, state: 'draining' as const, cause: null },
    ];
    const derivedAtMs = Date.UTC(2026, 1);
    await world.write((tx) => tx.appendLedgerEntry({ hourMs: hour0, entry: 2, derivedAtMs, rows, ...rest }));
    const written = readCsv((await cost('--focus', ...day)).out).map(({ fields }) => fields);
    const corrections = written.filter((row) => row['ChargeClass'] === 'Correction');
    // A minute at 2 an hour is 0.033333.
    expect(corrections.map((row) => [row['x_State'], row['x_ComputeMs']])).toEqual([
      ['idle', '-60000'],
      ['draining', '60000'],
    ]);
    const sum = written.reduce((all, { EffectiveCost }) => all + (readMoney(EffectiveCost ?? '') ?? NaN), 0);
    expect(sum).toBe(4_000_000);
  });

  it('has one allocation for each service as OpenCost', async () => {
    await record();
    const { out } = await cost('--opencost', ...day);
    const answer = JSON.parse(out) as {
      readonly data: readonly Readonly<Record<string, { readonly totalCost: number }>>[];
    };
    const costs = Object.entries(answer.data[0] ?? {}).map(([name, { totalCost }]) => [name, totalCost]);
    expect(costs).toEqual([
      ['__idle__', 2],
      ['ranker/prod', 2],
    ]);
  });

  it.each([
    [['--focus', '--csv'], 'two forms of one answer'],
    [['--focus', '--by', 'team'], '--by does not go with it'],
    [['--from', '2026-01-01'], '--from goes with --focus'],
    [['--focus', '--from', 'May'], '--from May is no day'],
    [['--focus', '--from', '2026-02-01', '--to', '2026-01-01'], 'ends before it begins'],
  ])('refuses %j', async (args, message) => {
    const { exit, err } = await cost(...args);
    expect([exit, err]).toEqual([2, expect.stringContaining(message)]);
  });

  it('says what is missing where no pool has prices', async () => {
    await record({ priced: false });
    const { exit, err } = await cost('--focus', ...day);
    expect([exit, err]).toEqual([2, expect.stringContaining('no pool has a price book')]);
  });
});

const head = 'BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ResourceId,ChargeDescription\n';
const period = '2026-01-01T00:00:00Z,2026-01-01T01:00:00Z';

describe('plimsoll cost import', () => {
  it('leaves nothing unexplained of what it exports itself', async () => {
    await record();
    const file = await write('own.csv', (await cost('--focus', '--from', '2026-01-01', '--to', '2026-01-02')).out);
    const { exit, out } = await cost('import', file);
    expect(exit).toBe(0);
    expect(out).toContain('EUR: billed 4.00, in the ledger 4.00\nunexplained: 0.00 (0%), within the tolerance of 1%');
  });

  it('tells matches with a difference, what only one side has, and fails above the tolerance', async () => {
    await record();
    const text = `${head}2.10,EUR,${period},gpu-0,board\n0.30,EUR,${period},disk-7,a disk\n9,USD,${period},gpu-1,another\n`;
    const file = await write('invoice.csv', text);
    const { exit, out } = await cost('import', file);
    expect(exit).toBe(1);
    expect(out.split('\n').slice(1)).toEqual([
      '',
      'EUR: billed 2.40, in the ledger 4.00',
      // 0.10 of gpu-0, 0.30 of the disk, and 2.00 of gpu-1: 2.40 of 4.00.
      'unexplained: 2.40 (60%), above the tolerance of 1%',
      'matched: 1 resource and period, 1 with a difference',
      '  RESOURCE  FROM                  TO                    BILLED  LEDGER  DIFFERENCE  LINES',
      '  gpu-0     2026-01-01 00:00:00Z  2026-01-01 01:00:00Z  2.10    2.00    0.100000    2',
      'billed and not in the ledger: 1 line, 0.300000',
      '  LINE  RESOURCE  BILLED    DESCRIPTION',
      '  3     disk-7    0.300000  a disk',
      'in the ledger and not billed: 1 resource, 2.00',
      '  RESOURCE  LEDGER',
      '  gpu-1     2.00',
      'next: name which resource each device is billed as: plimsoll cost import FILE --resources FILE',
      '',
      'not compared: 1 line in USD, 9.00; no price book is in USD',
      '',
    ]);
    const json = JSON.parse((await cost('import', file, '--json')).out) as { readonly comparisons: readonly unknown[] };
    expect(json.comparisons).toMatchObject([{ currency: 'EUR', unexplainedMicros: 2_400_000, unexplainedShare: 0.6 }]);
  });

  it('takes boards as the instance that they are billed as, by the time zone of the invoice, within a tolerance', async () => {
    await record();
    const east = '2026-01-01T02:00:00+02:00,2026-01-01T03:00:00+02:00';
    const file = await write('invoice.csv', `${head}4.10,EUR,${east},i-1,an instance\n`);
    const map = await write('map.csv', 'device,resource\ngpu-0,i-1\ngpu-1,i-1\n');
    expect((await cost('import', file, '--resources', map)).exit).toBe(1);
    expect((await cost('import', file, '--resources', map, '--tolerance', '3%')).exit).toBe(0);
  });

  it('reads Parquet, with decimals and times', async () => {
    await record();
    // Written with pyarrow 26.0.1: decimal128(38, 10), timestamp[us, UTC], a struct of tags; gpu-0 at 2.00, gpu-1 at 2.50.
    const file = path.join(import.meta.dirname, 'fixtures/invoice.parquet');
    const { exit, out } = await cost('import', file);
    expect([exit, out]).toEqual([1, expect.stringContaining('unexplained: 0.500000 (11.1111%)')]);
    expect((await cost('import', file, '--tolerance', '12%')).exit).toBe(0);
  });

  it('names lines that begin inside an hour, and hours that are not recorded', async () => {
    await record();
    const half = '2026-01-01T00:00:00+05:30,2026-01-01T23:00:00+05:30';
    const file = await write('invoice.csv', `${head}4,EUR,${half},gpu-0,board\n`);
    const { out } = await cost('import', file);
    expect(out).toContain('1 line begin or end inside an hour (UTC)');
    expect(out).toContain('the ledger has 1 of the 24 hours of the invoice recorded');
  });

  it.each([
    ['another.csv', 'a,b\n1,2\n', 'the invoice has no column BilledCost, BillingCurrency'],
    ['lines.csv', `${head}x,EUR,${period},gpu-0,\n`, 'line 2: BilledCost is x, and no decimal number'],
    ['open.csv', `${head}"1,EUR\n`, 'line 2: a quote is open'],
    ['empty.csv', head, 'has no line'],
    ['invoice.xlsx', 'x', 'neither CSV (.csv) nor Parquet (.parquet)'],
    ['invoice.parquet', 'PAR0PAR0PAR0PAR0', 'it does not begin with PAR1'],
  ])('refuses %s', async (name, text, message) => {
    await record();
    const { exit, err } = await cost('import', await write(name, text));
    expect([exit, err]).toEqual([2, expect.stringContaining(message)]);
  });
});
