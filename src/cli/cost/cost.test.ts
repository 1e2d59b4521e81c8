import { beforeEach, describe, expect, it } from 'vitest';
import { closeHour } from '../../control-plane/ledger/hours/close-hours.ts';
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
beforeEach(async () => {
  world = await openStoreOperations();
  await world.clock.advance(hour0 + hour + 30 * minute - world.clock.nowMs());
});

const cost = (...args: readonly string[]) =>
  runCommandLine(['cost', ...args], { operations: world.operationsFor('ada') });

/**
 * Two accelerators for an hour and a half. A replica of `ranker` loads for 10 minutes, is ready for 50 and busy for 20 of them,
 * and goes on without an account; the other device stands empty.
 */
async function record(): Promise<void> {
  const facts = [
    appeared(0, 'gpu-0'),
    appeared(0, 'gpu-1'),
    began(0, 'r1', whole('gpu-0')),
    changed(10 * minute, 'r1', 'ready'),
    worked(10 * minute, hour, 'r1', 20 * minute, { filledMs: 5 * minute, answers: 600, tokens: 0 }),
  ];
  await world.write((tx) => tx.appendLedgerRecords(ledgerRecordsOf(facts, hour0, hour0 + hour + 30 * minute)));
  await world.write(async (tx) => tx.appendLedgerEntry(await closeHour(world.store, hour0, 5)));
}

describe('plimsoll cost', () => {
  it('says what comes next where nothing is recorded', async () => {
    expect((await cost()).out).toBe(
      'no device time is recorded since 2025-12-31 01:00:00Z\nnext: plimsoll up, which records it while it runs a release\n',
    );
  });

  it('shows states as columns, the sum as devices times time, and what is not closed', async () => {
    await record();
    const { exit, out } = await cost('--since', '90m');
    expect(exit).toBe(0);
    expect(out).toBe(
      [
        'device time from 2026-01-01 00:00:00Z to 2026-01-01 01:30:00Z; from 2026-01-01 01:00:00Z on not closed, and may change',
        '',
        'accelerator-seconds, 2 accelerators',
        'service  total    serving  idle    loading  unallocated  unattributable  utilization',
        'ranker   5400.0   1200.0   1800.0  600.0    0.0          1800.0          8%',
        '(none)   5400.0   0.0      0.0     0.0      5400.0       0.0             -',
        'all      10800.0  1200.0   1800.0  600.0    5400.0       1800.0          8%',
        'all = devices x time = 10800.0 s',
        'unattributable: work-not-reported 1800.0 s',
        '',
        'no money for pool gpus: neither the record of an environment nor cost.prices of a contract states prices for it',
        '  next: plimsoll environment set ENVIRONMENT --file FILE, with `prices`',
        '',
      ].join('\n'),
    );
  });

  it('writes exact numbers as CSV, by several names', async () => {
    await record();
    const { out } = await cost('--since', '90m', '--by', 'service,release', '--csv');
    expect(out.split('\n').slice(0, 3)).toEqual([
      'unit,service,release,total_ms,serving_ms,idle_ms,loading_ms,draining_ms,reserved_ms,stranded_ms,unallocated_ms,unattributable_ms,filled_ms,unrated_ms,answers,tokens,unpriced_ms,per_1000_answers,per_million_tokens',
      'accelerator,ranker,ranker/prod/7,5400000,1200000,1800000,600000,0,0,0,0,1800000,300000,0,600,0,5400000,,',
      'accelerator,,,5400000,0,0,0,0,0,0,5400000,0,0,0,0,0,5400000,,',
    ]);
  });

  it('shows hours and days in the order of time', async () => {
    await record();
    const { out } = await cost('--since', '90m', '--by', 'hour,service', '--csv');
    expect(out.split('\n').map((line) => line.split(',').slice(1, 4).join())).toEqual([
      'hour,service,total_ms',
      '2026-01-01T00:00:00Z,ranker,3600000',
      '2026-01-01T00:00:00Z,,3600000',
      '2026-01-01T01:00:00Z,ranker,1800000',
      '2026-01-01T01:00:00Z,,1800000',
      '',
    ]);
  });

  it('shows one service alone, without the sum of all devices', async () => {
    await record();
    const { out } = await cost('--since', '90m', '--of', 'ranker', '--by', 'state');
    expect(out).not.toContain('devices x time');
    expect(out).toContain('all             5400.0');
  });

  it.each([
    [['--by', 'servise'], '--by servise: the account has no such name; did you mean service?'],
    [['--since', 'yesterday'], '--since yesterday is not a duration'],
    [['--since', '9000d'], 'or is more than 400 days'],
  ])('refuses %j', async (args, message) => {
    const { exit, err } = await cost(...args);
    expect(exit).toBe(2);
    expect(err).toContain(message);
  });
});

describe('plimsoll cost with prices', () => {
  const price = (prices: string, environment = 'prod') =>
    world.operationsFor('ada').setEnvironmentRecord({
      environment,
      terms: { platform: 'kubernetes', pool: { name: 'gpus' }, prices: readPriceBook(prices, 'prices.yaml') },
    });
  const head = 'currency: EUR\nsource: a list of 2026\n';

  it('shows the money of each group, that of 1,000 answers, and an unused commitment that nobody owns', async () => {
    await record();
    await price(`${head}devices: [{ class: a100-40, price: 2/h, from: 2025-01-01 }]
commitments: [{ id: c1, class: a100-80, devices: 1, price: 0.5/h, from: 2025-01-01, until: 2027-01-01 }]
`);
    const { out } = await cost('--since', '90m');
    // 1.5 h of each device at 2 an hour; 600 answers cost 3.
    expect(out.split('\n').slice(3, 7)).toEqual([
      'service  total    serving  idle    loading  unallocated  unattributable  utilization  cost EUR  per 1,000 answers',
      'ranker   5400.0   1200.0   1800.0  600.0    0.0          1800.0          8%           3.00      5.00',
      '(none)   5400.0   0.0      0.0     0.0      5400.0       0.0             -            3.00      -',
      'all      10800.0  1200.0   1800.0  600.0    5400.0       1800.0          8%           6.00      10.00',
    ]);
    expect(out).toContain('prices of pool gpus: a list of 2026 (EUR)\n');
    expect(out).toContain('unused commitment c1 (a100-80), owned by nobody: 5400.0 s, 0.750000 EUR\n');
    const one = await cost('--since', '90m', '--of', 'ranker');
    expect(one.out).not.toContain('unused commitment');
    const csv = await cost('--since', '90m', '--csv');
    expect(csv.out).toMatch(/,unpriced_ms,cost_eur,per_1000_answers,per_million_tokens\n.*,0,3\.000000,5\.000000,\n/);
  });

  it('says which class has no price, and takes no time without one for free', async () => {
    await record();
    await price(`${head}devices: [{ class: a100-80, price: 2/h, from: 2025-01-01 }]\n`);
    const { out } = await cost('--since', '90m');
    expect(out).not.toContain('cost EUR');
    expect(out).toContain(
      'no money for some time of pool gpus: the price book has no price for a100-40 at that time\n  next: add these classes',
    );
  });

  it('has no money for a pool with two books, and names who states them', async () => {
    await record();
    await price(`${head}devices: [{ class: default, price: 2/h, from: 2025-01-01 }]\n`);
    await price('currency: USD\naccelerators: { default: 2/h }\n', 'staging');
    const { out } = await cost('--since', '90m');
    expect(out).toContain(
      'no money for pool gpus: the record of prod and the record of staging state two different price books for it',
    );
  });
});

describe('plimsoll cost rebuild', () => {
  it('finds the same digits again', async () => {
    await record();
    const { exit, out } = await cost('rebuild', '--since', '2h');
    expect([exit, out]).toEqual([0, expect.stringMatching(/^1 hours came out the same: sha256:[0-9a-f]{64}\n$/)]);
  });

  it('exits 1 and names the hour where a recorded digit is another', async () => {
    await record();
    const [entry] = await world.store.ledgerEntries(hour0, hour0 + hour);
    const [row] = entry?.rows ?? [];
    if (entry === undefined || row === undefined) throw new Error('the hour has no rows');
    const forged = { ...entry, entry: 2, rows: [{ ...row, computeMs: 1 }], newErrors: [] };
    await world.write((tx) => tx.appendLedgerEntry(forged));
    const { exit, out } = await cost('rebuild', '--since', '2h');
    expect(exit).toBe(1);
    expect(out).toContain('1 of 1 hours came out another');
    expect(out).toContain('2026-01-01 00:00:00Z: 1 rows and 0 errors differ');
  });
});
