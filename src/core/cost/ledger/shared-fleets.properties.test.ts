import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  appeared,
  began,
  changed,
  factAt,
  hour,
  hour0,
  minute,
  worked,
} from '../../../testing/builders/cost/ledger-builders.ts';
import { deriveLedgerRows } from './derive-rows.ts';
import type { DeviceLayout, Hold, LedgerFact } from './fact.ts';
import { isNotice } from './row.ts';

const window = { fromMs: hour0, toMs: hour0 + 2 * hour };
const cores = 2;
/** What users may legally share, and how many devices of the account it is. */
const devices: readonly { readonly device: string; readonly layout: DeviceLayout; readonly count: number }[] = [
  { device: 'node/cores', layout: { kind: 'cores', cores }, count: cores },
  { device: 'gpu-whole', layout: { kind: 'whole' }, count: 1 },
  { device: 'gpu-sliced', layout: { kind: 'shared', sharing: 'time-slicing', shares: 3 }, count: 1 },
  { device: 'gpu-mps', layout: { kind: 'shared', sharing: 'mps', shares: 2 }, count: 1 },
];

const at = fc.integer({ min: 0, max: 120 });
const drawnHold: fc.Arbitrary<Hold> = fc.oneof(
  fc.constant({ device: 'node/cores', milliCores: 1_000, isDefault: true } as const),
  // Claims too large are legal: a contract may ask for more cores than a machine has.
  fc.integer({ min: 1, max: 64_000 }).map((milliCores) => ({ device: 'node/cores', milliCores })),
  fc.constant({ device: 'gpu-whole', slot: 'whole' }),
);
const use = fc.option(fc.oneof(fc.integer({ min: 0, max: 2 * minute }), fc.constant(Number.MAX_SAFE_INTEGER)));
const replica = fc.record({
  hold: drawnHold,
  /** Start, ready and end: late starts, and kills before it was ready or before a measurement. */
  times: fc.tuple(at, at, at).map((times) => times.toSorted((a, b) => a - b)),
  service: fc.constantFrom('a', 'b', 'c', 'd'),
  /** What was measured in each ten minutes; null where the counter went back or the group had vanished. */
  uses: fc.array(use, { minLength: 12, maxLength: 12 }),
  busyShare: fc.double({ min: 0, max: 1, noNaN: true }),
});
type Replica = typeof replica extends fc.Arbitrary<infer Value> ? Value : never;

/** Each share of a device that is handed out once has one replica at most. */
const slotted = fc.subarray([
  { device: 'gpu-sliced', slot: '0' },
  { device: 'gpu-sliced', slot: '2' },
  { device: 'gpu-mps', slot: '1' },
]);

function factsOf(claim: string, { hold, times, service, uses, busyShare }: Replica): readonly LedgerFact[] {
  const [from = 0, ready = 0, end = 0] = times.map((time) => time * minute);
  const readyMs = end - ready;
  return [
    began(from, claim, [hold], service),
    changed(ready, claim, 'ready'),
    ...uses.flatMap((usedMs, index) => {
      const [fromMs, toMs] = [Math.max(from, index * 10 * minute), Math.min(end, (index + 1) * 10 * minute)];
      if (usedMs === null || fromMs >= toMs) return [];
      const body = { kind: 'use-measured', claim, device: hold.device, fromMonotonicMs: fromMs, usedMs } as const;
      return [factAt(toMs, body)];
    }),
    ...(readyMs > 0
      ? [worked(ready, end, claim, Math.floor(readyMs * busyShare), { answers: 3, tokens: 0, filledMs: null })]
      : []),
    changed(end, claim, 'ended'),
  ];
}

test('however a fleet is shared: sums are the inventory, who answered has a row with all of its answers, and no fact is wrong', () => {
  fc.assert(
    fc.property(
      fc.array(replica, { minLength: 1, maxLength: 12 }),
      slotted,
      fc.infiniteStream(at),
      (drawn, slots, time) => {
        const one = drawn[0];
        if (one === undefined) return;
        const replicas = [
          ...drawn,
          ...slots.map((hold) => ({ ...one, hold, times: [time.next().value, 60, 120].toSorted((a, b) => a - b) })),
        ];
        const facts = [
          ...devices.map(({ device, layout }) => appeared(0, device, layout)),
          ...replicas.flatMap((each, index) => factsOf(`r${index}`, each)),
        ];
        const { rows, errors } = deriveLedgerRows(facts, window);
        expect(errors.filter((error) => !isNotice(error))).toEqual([]);
        for (const { device, count } of devices) {
          const own = rows.filter((row) => row.device === device);
          for (const account of ['computeMs', 'memoryMs'] as const) {
            expect(
              own.reduce((sum, row) => sum + row[account], 0),
              device,
            ).toBe(count * 2 * hour);
          }
        }
        for (const row of rows) expect(row.computeMs).toBeGreaterThanOrEqual(0);
        expect(rows.filter(({ reason }) => reason === 'claimed-twice')).toEqual([]);
        for (const service of ['a', 'b', 'c', 'd']) {
          const answered = replicas.filter(
            (each) => each.service === service && (each.times[2] ?? 0) > (each.times[1] ?? 0),
          );
          const own = rows.filter(({ owner }) => owner?.service === service);
          expect(own.reduce((sum, { answers }) => sum + answers, 0)).toBe(3 * answered.length);
          if (answered.length > 0) expect(own.length).toBeGreaterThan(0);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('three replicas on two cores: each has a row, by what it was measured to use, and that they share is named', () => {
  const holds = [{ device: 'node/cores', milliCores: 1_000, isDefault: true }] as const;
  const facts = ['a', 'b', 'c'].flatMap((service, index) => [
    began(0, service, holds, service),
    changed(0, service, 'ready'),
    worked(0, 2 * hour, service, hour, { answers: 300, filledMs: null }),
    factAt(2 * hour, {
      ...({ kind: 'use-measured', claim: service, device: 'node/cores', fromMonotonicMs: 0 } as const),
      usedMs: [hour, hour, 2 * hour][index] ?? 0,
    }),
  ]);
  const { rows, errors } = deriveLedgerRows([appeared(0, 'node/cores', { kind: 'cores', cores }), ...facts], window);
  const held = ['a', 'b', 'c'].map((claim) =>
    rows.filter((row) => row.claim === claim).reduce((sum, { computeMs }) => sum + computeMs, 0),
  );
  expect(held).toEqual([hour, hour, 2 * hour]);
  expect(new Set(rows.map(({ grade }) => grade))).toEqual(new Set(['measured-use']));
  expect(errors.map(({ kind, claims }) => [kind, claims])).toEqual([
    ['overcommitted', ['a', 'b', 'c']],
    ['overcommitted', ['a', 'b', 'c']],
  ]);
});
