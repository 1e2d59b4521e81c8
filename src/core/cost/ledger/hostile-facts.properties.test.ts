import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hour, hour0, owner } from '../../../testing/builders/cost/ledger-builders.ts';
import { deriveLedgerRows } from './derive-rows.ts';
import type { DeviceLayout, Hold, LedgerFact } from './fact.ts';
import { purposes } from './state.ts';

const window = { fromMs: hour0, toMs: hour0 + 2 * hour };
/** Mostly what can be true, so that what cannot meets it. */
const mostly = <T>(good: fc.Arbitrary<T>, wrong: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 40, arbitrary: good }, { weight: 1, arbitrary: wrong });
const device = fc.constantFrom('gpu-0', 'gpu-1', 'cpu-0');
const slot = fc.constantFrom('whole', '0', '1', 'a', 'cores', '(free slices)');
const claim = fc.constantFrom('r1', 'r2', 'r3', 'r4', 'r5');
const pool = fc.constantFrom('p', 'q');
const node = fc.constantFrom('n1', 'n2');
const owners = fc.constantFrom(owner('ranker'), owner('ranker'), owner('search'), null);
const amount = mostly(fc.nat(hour), fc.constantFrom(-1, 0.5, NaN, Infinity, 2 ** 60));
const few = mostly(fc.integer({ min: 0, max: 4 }), fc.constantFrom(-1, 0.5, NaN, 2 ** 40));
const bad = fc.constantFrom(0.5, NaN, -Infinity, 2 ** 60);
const hold: fc.Arbitrary<Hold> = fc.oneof(
  fc.record({ device, slot }),
  fc.record({ device, milliCores: mostly(fc.integer({ min: 1, max: 3_000 }), few) }),
);
const holds = fc.array(hold, { maxLength: 3 });
const profile = mostly(fc.constantFrom('1g.5gb', '3g.20gb'), fc.constantFrom('9g.90gb'));
const layout: fc.Arbitrary<DeviceLayout> = fc.oneof(
  fc.constant({ kind: 'whole' } as const),
  fc.record({
    kind: fc.constant('mig' as const),
    instances: fc.array(fc.record({ slot, profile, start: few }), { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('shared' as const),
    sharing: fc.constantFrom('mps' as const, 'time-slicing' as const),
    shares: few,
  }),
  fc.record({ kind: fc.constant('cores' as const), cores: few }),
);
const busyMs = fc.dictionary(fc.constantFrom(...purposes), amount, { maxKeys: 3 });
const begin = mostly(fc.integer({ min: -hour, max: hour }), bad);
const name = fc.constantFrom('x', 'y');
const scope = fc.oneof(
  fc.constant({ of: 'all' } as const),
  fc.record({ of: fc.constant('pool' as const), pool }),
  fc.record({ of: fc.constant('node' as const), node }),
  fc.record({ of: fc.constant('device' as const), device }),
);
const kind = <const K extends string>(of: K) => fc.constant(of);

const body = fc.oneof(
  fc.record({
    kind: kind('device-appeared'),
    device,
    pool,
    node,
    place: fc.constantFrom('bus-0', 'bus-1', null),
    deviceClass: fc.constantFrom('c', 'd'),
    pciDeviceId: mostly(fc.constant('0x20B010DE'), fc.constantFrom('0x0', null)),
    layout,
  }),
  fc.record({ kind: kind('device-gone'), device, pool }),
  fc.record({ kind: kind('layout-changed'), device, layout }),
  fc.record({ kind: kind('claim-began'), claim, holds, owner: owners, purpose: fc.constantFrom(...purposes) }),
  fc.record({
    kind: kind('claim-changed'),
    claim,
    state: fc.constantFrom('loading', 'ready', 'asleep', 'draining', 'ended'),
  }),
  fc.record({ kind: kind('claim-role'), claim, role: fc.constantFrom('live' as const, 'previous' as const) }),
  fc.record({
    kind: kind('work-account'),
    claim,
    fromMonotonicMs: begin,
    busyMs,
    filledMs: fc.option(amount),
    answers: amount,
    tokens: amount,
    source: fc.constantFrom('device' as const, 'engine' as const, 'gateway' as const),
  }),
  fc.record({
    kind: kind('gap-began'),
    gap: name,
    cause: fc.constantFrom('node-gone' as const, 'reports-missing' as const),
    scope,
  }),
  fc.record({ kind: kind('gap-ended'), gap: name }),
  fc.record({ kind: kind('reservation-began'), reservation: name, holds, owner: owners }),
  fc.record({ kind: kind('reservation-ended'), reservation: name }),
  fc.record({ kind: kind('use-measured'), claim, device, fromMonotonicMs: begin, usedMs: amount }),
  fc.record({ kind: kind('holder-sighted'), device, slot, holder: claim, fromMonotonicMs: begin }),
  fc.record({
    kind: kind('scaling-decided'),
    service: fc.constantFrom('ranker', 'search'),
    environment: fc.constant('prod'),
    terms: fc.record({ demand: few, minReplicas: few, ahead: few, warmPool: few }),
  }),
);
const fact: fc.Arbitrary<LedgerFact> = fc
  .record({
    body,
    afterMs: mostly(fc.integer({ min: -hour, max: 3 * hour }), bad),
    stepMs: fc.constantFrom(0, 0, 0, 5_000, -hour),
    recorder: fc.constantFrom('a', 'b'),
    id: fc.uuid(),
  })
  .map(({ body: made, afterMs, stepMs, recorder, id }) => {
    const at = { recorder, monotonicMs: afterMs, wallMs: hour0 + afterMs + stepMs };
    return { ...made, id, at };
  });

test('whatever is recorded, nothing is thrown, each account adds up to whole devices, and no amount is negative', () => {
  fc.assert(
    fc.property(fc.array(fact, { minLength: 30, maxLength: 80, size: 'max' }), (facts) => {
      const { rows, errors } = deriveLedgerRows(facts, window);
      for (const { computeMs, memoryMs, filledMs, unratedMs, answers, tokens } of rows) {
        for (const each of [computeMs, memoryMs, filledMs, unratedMs, answers, tokens]) {
          expect(Number.isSafeInteger(each) && each >= 0).toBe(true);
        }
        expect(filledMs + unratedMs).toBeLessThanOrEqual(computeMs);
      }
      for (const { shareMs } of errors) expect(shareMs).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 300 },
  );
});
