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
const kinds = (facts: readonly LedgerFact[]) => derive(facts).errors.map(({ kind }) => kind);

/** Ready for the whole hour, and busy for 20 minutes of it. */
const steady = (claim: string, device: string) => [
  began(-hour, claim, whole(device)),
  changed(-hour, claim, 'ready'),
  worked(0, hour, claim, 20 * minute),
];

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

  test('a gap of a pool hides that pool alone', () => {
    const other = { ...appeared(0, 'gpu-9'), pool: 'others' } as LedgerFact;
    const scope = { of: 'pool', pool: 'others' } as const;
    const gap = factAt(0, { kind: 'gap-began', gap: 'p', cause: 'reports-missing', scope });
    expect(short(derive([appeared(0, 'gpu-0'), other, gap]).rows)).toEqual([
      'unallocated - 60',
      'unattributable reports-missing 60',
    ]);
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
      appeared(0, 'gpu-0', { kind: 'shared', sharing: 'mps', shares: 1 }),
      began(0, 'r1', [{ device: 'gpu-0', slot: '0' }]),
      began(20 * minute, 'r2', [{ device: 'gpu-0', slot: '0' }]),
      changed(30 * minute, 'r2', 'ended'),
    ]);
    expect(short(rows)).toEqual(['loading r1 50', 'unattributable claimed-twice 10']);
    expect(errors).toMatchObject([
      { kind: 'claimed-twice', device: 'gpu-0', slot: '0', claims: ['r1', 'r2'], shareMs: 10 * minute },
    ]);
  });

  test('an error row of an hour has all of its time, also where something else changed meanwhile', () => {
    const { errors } = derive([
      appeared(0, 'gpu-0'),
      began(0, 'r1', whole('gpu-0')),
      began(20 * minute, 'r2', whole('gpu-0')),
      changed(25 * minute, 'r1', 'ready'),
      changed(30 * minute, 'r2', 'ended'),
    ]);
    expect(errors).toMatchObject([
      { kind: 'overcommitted', fromMs: hour0 + 20 * minute, toMs: hour0 + 30 * minute, shareMs: 10 * minute },
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

  test('a device that went before another took its place is no error', () => {
    const at = (afterMs: number, device: string) => ({ ...appeared(afterMs, device), place: 'bus-1' }) as LedgerFact;
    const gone = factAt(20 * minute, { kind: 'device-gone', device: 'gpu-old', pool: 'gpus' });
    const { rows, errors } = derive([at(0, 'gpu-old'), gone, at(30 * minute, 'gpu-new')]);
    expect(errors).toEqual([]);
    expect(rows.map(({ device, computeMs }) => [device, computeMs / minute])).toEqual([
      ['gpu-new', 30],
      ['gpu-old', 20],
    ]);
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
});
