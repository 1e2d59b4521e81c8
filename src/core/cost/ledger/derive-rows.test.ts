import { describe, expect, test } from 'vitest';
import {
  appeared,
  began,
  changed,
  factAt,
  hour,
  hour0,
  minute,
  owner,
  whole,
  worked,
} from '../../../testing/builders/cost/ledger-builders.ts';
import { deriveLedgerRows } from './derive-rows.ts';
import type { LedgerFact } from './fact.ts';
import type { LedgerRow } from './row.ts';

const oneHour = { fromMs: hour0, toMs: hour0 + hour };
const derive = (facts: readonly LedgerFact[], window = oneHour) => deriveLedgerRows(facts, window);
/** State, reason or claim, and minutes of compute. */
const short = (rows: readonly LedgerRow[]) =>
  rows.map(({ state, reason, claim, computeMs }) => `${state} ${reason ?? claim ?? '-'} ${computeMs / minute}`).sort();

/** Ready for the whole hour, and busy for 20 minutes of it. */
const steady = (claim: string, device: string) => [
  began(-hour, claim, whole(device)),
  changed(-hour, claim, 'ready'),
  worked(0, hour, claim, 20 * minute),
];

describe('deriveLedgerRows', () => {
  test('one replica on one device: each minute is in one state', () => {
    const { rows, errors } = derive([
      appeared(0, 'gpu-0'),
      began(10 * minute, 'r1', whole('gpu-0')),
      changed(15 * minute, 'r1', 'ready'),
      worked(15 * minute, 45 * minute, 'r1', 12 * minute),
      changed(45 * minute, 'r1', 'draining'),
      changed(47 * minute, 'r1', 'ended'),
    ]);
    expect(errors).toEqual([]);
    expect(short(rows)).toEqual(['draining r1 2', 'idle r1 18', 'loading r1 5', 'serving r1 12', 'unallocated - 23']);
    expect(rows.map(({ purpose }) => purpose)).toEqual(['answers', 'answers', 'answers', 'answers', null]);
    expect(rows.find(({ state }) => state === 'serving')).toMatchObject({
      owner: owner('ranker'),
      purpose: 'answers',
      grade: 'measured-engine',
      memoryMs: 12 * minute,
      filledMs: 6 * minute,
      unratedMs: 0,
      answers: 72_000,
      tokens: 720_000,
    });
  });

  test('a sleeping replica holds its device: the time is idle, with the cause that it sleeps', () => {
    const { rows, errors } = derive([
      appeared(0, 'gpu-0'),
      began(0, 'r1', whole('gpu-0')),
      changed(5 * minute, 'r1', 'ready'),
      worked(5 * minute, 25 * minute, 'r1', 12 * minute),
      changed(25 * minute, 'r1', 'asleep'),
      changed(50 * minute, 'r1', 'loading'),
      changed(51 * minute, 'r1', 'ready'),
      worked(51 * minute, hour, 'r1', 9 * minute),
    ]);
    expect(errors).toEqual([]);
    expect(short(rows)).toEqual(['idle r1 25', 'idle r1 8', 'loading r1 6', 'serving r1 21']);
    const asleep = rows.filter(({ cause }) => cause === 'asleep');
    expect(asleep).toMatchObject([
      { state: 'idle', computeMs: 25 * minute, grade: 'reserved', owner: owner('ranker') },
    ]);
  });

  test('an account that reaches into sleep keeps its answers, and none of its busy time', () => {
    const { rows } = derive([
      appeared(0, 'gpu-0'),
      began(-hour, 'r1', whole('gpu-0')),
      changed(-hour, 'r1', 'ready'),
      worked(0, hour, 'r1', 20 * minute),
      changed(30 * minute, 'r1', 'asleep'),
    ]);
    const sum = (of: (row: LedgerRow) => number) => rows.reduce((total, row) => total + of(row), 0);
    expect(sum(({ computeMs }) => computeMs)).toBe(hour);
    expect(sum(({ answers }) => answers)).toBe(120_000);
    expect(short(rows.filter(({ cause }) => cause === 'asleep'))).toEqual(['idle r1 30']);
  });

  test('facts in any order, and facts that come twice, give the same digits', () => {
    const facts = [
      appeared(0, 'gpu-0'),
      ...steady('r1', 'gpu-0'),
      changed(40 * minute, 'r1', 'draining'),
      changed(41 * minute, 'r1', 'ended'),
    ];
    const once = JSON.stringify(derive(facts));
    expect(JSON.stringify(derive([...facts].reverse()))).toBe(once);
    expect(JSON.stringify(derive([...facts, ...facts]))).toBe(once);
  });

  test('the last millisecond of an hour is of that hour', () => {
    const facts = [appeared(0, 'gpu-0'), began(hour - 1, 'r1', whole('gpu-0')), changed(hour + 1, 'r1', 'ended')];
    const { rows } = derive(facts, { fromMs: hour0, toMs: hour0 + 2 * hour });
    expect(rows.filter(({ claim }) => claim === 'r1').map(({ hourMs, computeMs }) => [hourMs, computeMs])).toEqual([
      [hour0, 1],
      [hour0 + hour, 1],
    ]);
  });

  test('a start that never became ready was wasted', () => {
    const { rows } = derive([appeared(0, 'gpu-0'), began(0, 'r1', whole('gpu-0')), changed(6 * minute, 'r1', 'ended')]);
    expect(rows.find(({ claim }) => claim === 'r1')).toMatchObject({ state: 'loading', purpose: 'wasted' });
  });

  test('busy time is split by purpose, and unrated where no capacity is measured', () => {
    const busyMs = { answers: 10 * minute, shadow: 5 * minute, golden: 1 * minute };
    const { rows } = derive([
      appeared(0, 'gpu-0'),
      began(-hour, 'r1', whole('gpu-0')),
      changed(-hour, 'r1', 'ready'),
      worked(0, hour, 'r1', 0, { busyMs, filledMs: null, source: 'device', answers: 7 }),
    ]);
    const serving = rows.filter(({ state }) => state === 'serving');
    expect(serving.map(({ purpose, computeMs }) => [purpose, computeMs / minute]).sort()).toEqual([
      ['answers', 10],
      ['golden', 1],
      ['shadow', 5],
    ]);
    expect(
      serving.every(({ grade, unratedMs, computeMs }) => grade === 'measured-device' && unratedMs === computeMs),
    ).toBe(true);
    expect(rows.reduce((sum, { answers }) => sum + answers, 0)).toBe(7);
  });

  test('an account over two hours falls on both by its length, and adds up', () => {
    const facts = [
      appeared(0, 'gpu-0'),
      began(0, 'r1', whole('gpu-0')),
      changed(0, 'r1', 'ready'),
      worked(40 * minute, 70 * minute, 'r1', 10 * minute + 1, { answers: 11 }),
    ];
    const { rows } = derive(facts, { fromMs: hour0, toMs: hour0 + 2 * hour });
    const serving = rows.filter(({ state }) => state === 'serving');
    expect(serving.map(({ computeMs, answers }) => [computeMs, answers])).toEqual([
      [400_000, 7],
      [200_001, 4],
    ]);
  });

  test('a window that is no whole hours is refused', () => {
    expect(() => derive([], { fromMs: hour0 + 1, toMs: hour0 + hour })).toThrow('full hours');
    expect(() => derive([], { fromMs: hour0, toMs: hour0 })).toThrow('full hours');
  });

  test('a claim of two devices is charged on both, and its answers count once', () => {
    const { rows } = derive([
      appeared(0, 'gpu-0'),
      appeared(0, 'gpu-1'),
      began(-hour, 'r1', [...whole('gpu-0'), ...whole('gpu-1')]),
      changed(-hour, 'r1', 'ready'),
      worked(0, hour, 'r1', 20 * minute, { answers: 9 }),
    ]);
    expect(short(rows)).toEqual(['idle r1 40', 'idle r1 40', 'serving r1 20', 'serving r1 20']);
    expect(rows.reduce((sum, { answers }) => sum + answers, 0)).toBe(9);
  });
});

describe('MIG: compute and memory are two accounts', () => {
  const instances = [
    { slot: 'a', profile: '3g.20gb', start: 0 },
    { slot: 'b', profile: '2g.10gb', start: 4 },
  ];

  test('each adds up to the device, in device-milliseconds by largest remainder', () => {
    const { rows, errors } = derive([
      appeared(0, 'gpu-0', { kind: 'mig', instances }),
      began(-minute, 'r1', [{ device: 'gpu-0', slot: 'a' }]),
      changed(-minute, 'r1', 'ready'),
      worked(0, hour, 'r1', 30 * minute),
    ]);
    expect(errors).toEqual([]);
    const sum = (of: (row: LedgerRow) => number) => rows.reduce((all, row) => all + of(row), 0);
    expect([sum((row) => row.computeMs), sum((row) => row.memoryMs)]).toEqual([hour, hour]);
    const r1 = rows.filter(({ claim }) => claim === 'r1');
    // 3 of 7 compute slices of an hour are 1,542,857.14 ms; 4 of 8 memory slices are half an hour.
    expect(r1.reduce((all, row) => all + row.computeMs, 0)).toBe(1_542_857);
    expect(r1.reduce((all, row) => all + row.memoryMs, 0)).toBe(hour / 2);
  });

  test('what no profile can use any more is stranded', () => {
    const three = [
      { slot: 'a', profile: '3g.20gb', start: 0 },
      { slot: 'b', profile: '3g.20gb', start: 4 },
    ];
    const { rows } = derive([appeared(0, 'gpu-0', { kind: 'mig', instances: three })]);
    expect(rows.map(({ state, cause, computeMs, memoryMs }) => ({ state, cause, computeMs, memoryMs }))).toEqual([
      { state: 'stranded', cause: 'fragmentation', computeMs: 514_286, memoryMs: 0 },
      { state: 'unallocated', cause: 'no-demand', computeMs: 3_085_714, memoryMs: hour },
    ]);
  });

  test('a layout that no table knows is unattributable, with an error', () => {
    const { rows, errors } = derive([
      appeared(0, 'gpu-0', { kind: 'mig', instances: [{ slot: 'a', profile: '9g.90gb', start: 0 }] }),
    ]);
    expect(short(rows)).toEqual(['unattributable layout-unknown 60']);
    expect(errors.map(({ kind }) => kind)).toEqual(['layout-unknown']);
  });

  test('a changed layout within the hour keeps both accounts whole', () => {
    const { rows } = derive([
      appeared(0, 'gpu-0'),
      factAt(20 * minute, { kind: 'layout-changed', device: 'gpu-0', layout: { kind: 'mig', instances } }),
      began(20 * minute, 'r1', [{ device: 'gpu-0', slot: 'b' }]),
    ]);
    // 2 of 7 compute slices over 40 minutes.
    expect(rows.find(({ claim }) => claim === 'r1')).toMatchObject({ computeMs: 685_714, memoryMs: 10 * minute });
  });
});

describe('shares and cores', () => {
  test('a time-sliced share is charged 1/n of the device, and says so', () => {
    const { rows } = derive([
      appeared(0, 'gpu-0', { kind: 'shared', sharing: 'time-slicing', shares: 4 }),
      began(-hour, 'r1', [{ device: 'gpu-0', slot: '2' }]),
      changed(-hour, 'r1', 'ready'),
      worked(0, hour, 'r1', 20 * minute),
    ]);
    expect(short(rows)).toEqual(['idle r1 10', 'serving r1 5', 'unallocated - 45']);
    expect(rows.map(({ grade }) => grade)).toEqual(['time-shared', 'time-shared', 'time-shared']);
  });

  test('cores are charged as they are reserved; of what is claimed beyond them each has its part, and it is named', () => {
    const cores = (afterMs: number, claim: string, milliCores: number) =>
      began(afterMs, claim, [{ device: 'cpu-0', milliCores }]);
    const { rows, errors } = derive([
      appeared(0, 'cpu-0', { kind: 'cores', cores: 4 }),
      cores(0, 'r1', 2_500),
      cores(30 * minute, 'r2', 2_000),
    ]);
    expect(short(rows)).toEqual(['loading r1 66.66', 'loading r1 75', 'loading r2 53.34', 'unallocated - 45']);
    expect(rows[0]).toMatchObject({ unit: 'core' });
    expect(errors).toMatchObject([{ kind: 'overcommitted', claims: ['r1', 'r2'], shareMs: 15 * minute }]);
  });

  test('of cores a reservation keeps its own part, after the claims and as far as cores are left', () => {
    const kept = (afterMs: number, reservation: string, milliCores: number) =>
      factAt(afterMs, {
        kind: 'reservation-began',
        reservation,
        holds: [{ device: 'cpu-0', milliCores }],
        owner: owner('ranker'),
      });
    const { rows, errors } = derive([
      appeared(0, 'cpu-0', { kind: 'cores', cores: 4 }),
      began(0, 'r1', [{ device: 'cpu-0', milliCores: 2_500 }]),
      kept(0, 'a', 1_000),
      kept(0, 'b', 200),
      factAt(30 * minute, { kind: 'reservation-ended', reservation: 'b' }),
      kept(30 * minute, 'c', 3_000),
    ]);
    // Of 4 x 60: a 60, b 0.2 x 30, c the half core that is left for 30, and 0.3 x 30 that nobody has.
    expect(short(rows)).toEqual(['loading r1 150', 'reserved - 81', 'unallocated - 9']);
    expect(errors).toEqual([]);
  });
});

test('busy time that was joined from several counts is graded as estimated', () => {
  const facts = [
    appeared(0, 'gpu-0'),
    began(0, 'r1', whole('gpu-0')),
    changed(0, 'r1', 'ready'),
    worked(0, 10 * minute, 'r1', 3 * minute, { joined: { atLeastMs: 2 * minute, atMostMs: 4 * minute } }),
    worked(10 * minute, 20 * minute, 'r1', minute),
  ];
  const { rows } = deriveLedgerRows(facts, { fromMs: hour0, toMs: hour0 + hour });
  const serving = rows.filter(({ state }) => state === 'serving').map(({ grade, computeMs }) => [grade, computeMs]);
  expect(serving.sort()).toEqual([
    ['estimated', 3 * minute],
    ['measured-engine', minute],
  ]);
});
