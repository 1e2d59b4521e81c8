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
} from '../../../testing/builders/ledger-builders.ts';
import { deriveLedgerRows } from './derive-rows.ts';
import type { LedgerFact } from './fact.ts';
import type { LedgerRow } from './row.ts';

const oneHour = { fromMs: hour0, toMs: hour0 + hour };
const derive = (facts: readonly LedgerFact[], window = oneHour) => deriveLedgerRows(facts, window);
/** State, reason or claim, and minutes of compute. */
const short = (rows: readonly LedgerRow[]) =>
  rows.map(({ state, reason, claim, computeMs }) => `${state} ${reason ?? claim ?? '-'} ${computeMs / minute}`).sort();
const kinds = (facts: readonly LedgerFact[]) => derive(facts).errors.map(({ kind }) => kind);

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

  test('cores are charged as they are reserved; what is claimed beyond them is an error', () => {
    const cores = (afterMs: number, claim: string, milliCores: number) =>
      began(afterMs, claim, [{ device: 'cpu-0', milliCores }]);
    const { rows, errors } = derive([
      appeared(0, 'cpu-0', { kind: 'cores', cores: 4 }),
      cores(0, 'r1', 2_500),
      cores(30 * minute, 'r2', 2_000),
    ]);
    expect(short(rows)).toEqual(['loading r1 150', 'loading r2 45', 'unallocated - 45']);
    expect(rows[0]).toMatchObject({ unit: 'core' });
    expect(errors).toMatchObject([{ kind: 'claimed-twice', claims: ['r1', 'r2'], shareMs: 15 * minute }]);
  });
});

describe('what cannot be seen', () => {
  const down = (fromMs: number, toMs: number) => [
    factAt(fromMs, { kind: 'gap-began', gap: 'g', cause: 'control-plane-down', scope: { of: 'all' } }),
    factAt(toMs, { kind: 'gap-ended', gap: 'g' }),
  ];

  test('a gap is unattributable by its name; an account that counted on stands', () => {
    const { rows } = derive([
      appeared(0, 'gpu-0'),
      appeared(0, 'gpu-1'),
      ...steady('r1', 'gpu-0'),
      ...down(10 * minute, 25 * minute),
    ]);
    expect(short(rows)).toEqual([
      'idle r1 40',
      'serving r1 20',
      'unallocated - 45',
      'unattributable control-plane-down 15',
    ]);
  });

  test('a gap of a node hides that node alone', () => {
    const elsewhere = factAt(0, {
      kind: 'device-appeared',
      device: 'gpu-9',
      pool: 'gpus',
      node: 'node-9',
      place: null,
      deviceClass: 'a100-40',
      pciDeviceId: null,
      layout: { kind: 'whole' },
    });
    const { rows } = derive([
      appeared(0, 'gpu-0'),
      elsewhere,
      factAt(0, { kind: 'gap-began', gap: 'n', cause: 'node-gone', scope: { of: 'node', node: 'node-1' } }),
    ]);
    expect(short(rows)).toEqual(['unallocated - 60', 'unattributable node-gone 60']);
  });

  test('ready time without an account keeps its owner and is never taken for idle', () => {
    const { rows } = derive([
      appeared(0, 'gpu-0'),
      began(-hour, 'r1', whole('gpu-0')),
      changed(-hour, 'r1', 'ready'),
      worked(0, 50 * minute, 'r1', 50 * minute),
    ]);
    expect(short(rows)).toEqual(['serving r1 50', 'unattributable work-not-reported 10']);
    expect(rows[1]?.owner?.service).toBe('ranker');
  });

  test('reserved shares belong to whom they are kept for, until a claim takes them', () => {
    const { rows } = derive([
      appeared(0, 'gpu-0'),
      factAt(0, { kind: 'reservation-began', reservation: 'x', holds: whole('gpu-0'), owner: owner('ranker') }),
      began(30 * minute, 'r1', whole('gpu-0')),
      factAt(45 * minute, { kind: 'reservation-ended', reservation: 'x' }),
    ]);
    expect(short(rows)).toEqual(['loading r1 30', 'reserved - 30']);
    expect(rows.find(({ state }) => state === 'reserved')?.owner?.service).toBe('ranker');
  });
});

describe('facts that cannot be true', () => {
  test('two claims on one share: the time of both is unattributable, and an error row names them', () => {
    const { rows, errors } = derive([
      appeared(0, 'gpu-0'),
      began(0, 'r1', whole('gpu-0')),
      began(20 * minute, 'r2', whole('gpu-0')),
      changed(30 * minute, 'r2', 'ended'),
    ]);
    expect(short(rows)).toEqual(['loading r1 50', 'unattributable claimed-twice 10']);
    expect(errors).toMatchObject([
      { kind: 'claimed-twice', device: 'gpu-0', slot: 'whole', claims: ['r1', 'r2'], shareMs: 10 * minute },
    ]);
  });

  test('a lost claim is named by the facts that tell of it, and its seen time is unattributable', () => {
    const { rows, errors } = derive([
      appeared(0, 'gpu-0'),
      changed(10 * minute, 'r1', 'ready'),
      worked(10 * minute, 30 * minute, 'r1', 5 * minute),
      factAt(30 * minute, {
        kind: 'holder-sighted',
        device: 'gpu-0',
        slot: 'whole',
        holder: 'r1',
        fromMonotonicMs: 10 * minute,
      }),
    ]);
    expect(short(rows)).toEqual(['unallocated - 40', 'unattributable claim-lost 20']);
    expect(errors.map(({ kind, claims, shareMs }) => [kind, claims, shareMs / minute])).toEqual([
      ['claim-lost', ['r1'], 20],
      ['claim-lost', ['r1'], 20],
    ]);
  });

  test('a holder that was seen where its claim stands is no error', () => {
    const seen = { kind: 'holder-sighted', device: 'gpu-0', slot: 'whole', holder: 'r1', fromMonotonicMs: 0 } as const;
    expect(kinds([appeared(0, 'gpu-0'), ...steady('r1', 'gpu-0'), factAt(30 * minute, seen)])).toEqual([]);
  });

  test('a claim with no owner is unattributable', () => {
    const { rows, errors } = derive([
      appeared(0, 'gpu-0'),
      factAt(0, { kind: 'claim-began', claim: 'r1', holds: whole('gpu-0'), owner: null, purpose: 'answers' }),
    ]);
    expect(short(rows)).toEqual(['unattributable no-owner 60']);
    expect(errors).toMatchObject([{ kind: 'claim-without-owner', claims: ['r1'], shareMs: hour }]);
  });

  test('a device in two pools counts in the first, unattributable', () => {
    const second = { ...appeared(10 * minute, 'gpu-0'), pool: 'others', id: 'zz' } as LedgerFact;
    const gone = factAt(40 * minute, { kind: 'device-gone', device: 'gpu-0', pool: 'others' });
    const { rows, errors } = derive([appeared(0, 'gpu-0'), second, gone]);
    expect(short(rows)).toEqual(['unallocated - 30', 'unattributable device-in-two-pools 30']);
    expect(rows.every(({ pool }) => pool === 'gpus')).toBe(true);
    expect(errors).toMatchObject([{ kind: 'device-in-two-pools', shareMs: 30 * minute }]);
  });

  test('a pool that lets go leaves the device to the other one', () => {
    const second = { ...appeared(10 * minute, 'gpu-0'), pool: 'others', id: 'zz' } as LedgerFact;
    const gone = factAt(40 * minute, { kind: 'device-gone', device: 'gpu-0', pool: 'gpus' });
    const { rows } = derive([appeared(0, 'gpu-0'), second, gone]);
    expect(rows.map(({ pool, state, computeMs }) => [pool, state, computeMs / minute])).toEqual([
      ['gpus', 'unallocated', 10],
      ['gpus', 'unattributable', 30],
      ['others', 'unallocated', 20],
    ]);
  });

  test('a UUID that changes ends the device of before: its place is one device', () => {
    const at = (afterMs: number, device: string) =>
      ({ ...appeared(afterMs, device), place: '0000:01:00.0' }) as LedgerFact;
    const { rows, errors } = derive([
      at(0, 'gpu-old'),
      at(30 * minute, 'gpu-new'),
      began(0, 'r1', whole('gpu-old')),
      changed(40 * minute, 'r1', 'ended'),
    ]);
    expect(short(rows)).toEqual(['loading r1 30', 'unallocated - 30']);
    expect(errors.map(({ kind }) => kind).sort()).toEqual(['claim-without-device', 'uuid-changed']);
  });

  test.each([
    [
      'a claim on a slot that is not there',
      [appeared(0, 'gpu-0'), began(0, 'r', [{ device: 'gpu-0', slot: '7' }])],
      'claim-without-device',
    ],
    [
      'a claim that begins twice',
      [appeared(0, 'gpu-0'), began(0, 'r', whole('gpu-0')), began(1, 'r', whole('gpu-0'))],
      'claim-began-twice',
    ],
    [
      'a device that goes and was never there',
      [factAt(5, { kind: 'device-gone', device: 'x', pool: 'gpus' })],
      'device-unknown',
    ],
    ['a gap that ends and never began', [factAt(5, { kind: 'gap-ended', gap: 'x' })], 'gap-unmatched'],
    [
      'more busy time than there is',
      [
        appeared(0, 'gpu-0'),
        began(-9, 'r', whole('gpu-0')),
        changed(-9, 'r', 'ready'),
        worked(0, minute, 'r', 2 * minute),
      ],
      'busy-over-time',
    ],
    [
      'more work than the busy time carries',
      [
        appeared(0, 'gpu-0'),
        began(-9, 'r', whole('gpu-0')),
        changed(-9, 'r', 'ready'),
        worked(0, minute, 'r', 9, { filledMs: 10 }),
      ],
      'work-over-capacity',
    ],
    [
      'two accounts of one engine',
      [
        appeared(0, 'gpu-0'),
        began(-9, 'r', whole('gpu-0')),
        changed(-9, 'r', 'ready'),
        worked(0, minute, 'r', 9),
        worked(0, minute, 'r', 9),
      ],
      'account-overlaps',
    ],
    ['a clock that is no whole number', [appeared(0.5, 'gpu-0')], 'clock-invalid'],
    ['an account that ends before it begins', [worked(9, 5, 'r', 0)], 'account-invalid'],
  ])('%s is an error row, and nothing is thrown', (_what, facts, kind) => {
    expect(kinds(facts)).toContain(kind);
  });

  test('a window that is no whole hours is refused', () => {
    expect(() => derive([], { fromMs: hour0 + 1, toMs: hour0 + hour })).toThrow('full hours');
    expect(() => derive([], { fromMs: hour0, toMs: hour0 })).toThrow('full hours');
  });
});
