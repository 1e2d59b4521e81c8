import { expect, it } from 'vitest';
import type { FactClock, LedgerFact } from '../../core/cost/ledger/fact.ts';
import type { ObservedSpare } from '../../ports/serving/spares.ts';
import { StandingFacts } from '../ledger/record/standing-facts.ts';
import { makeSpareFacts } from './spare-facts.ts';

const at = (monotonicMs: number, recorder = 'r'): FactClock => ({ recorder, monotonicMs, wallMs: 1_000 + monotonicMs });
const device = (name: string, layout: object) => ({
  ...{ kind: 'device-appeared', device: name, pool: 'p', node: 'n', place: null, deviceClass: 'c', pciDeviceId: null },
  layout,
});
let id = 0;
function standingOf(...facts: readonly object[]): StandingFacts {
  const standing = new StandingFacts();
  for (const fact of facts) standing.apply({ id: String((id += 1)), at: at(0), ...fact } as LedgerFact);
  return standing;
}
const cores = device('n/cores', { kind: 'cores', cores: 8 });
const gpu = device('gpu-0', { kind: 'shared', sharing: 'time-slicing', shares: 4 });
const spare = (more: Partial<ObservedSpare> = {}): ObservedSpare => ({
  ...{ spareId: 's', environment: 'prod', fits: 'f', state: 'free', takenBy: null, pid: 1, node: 'n', deviceCount: 0 },
  ...more,
});
const reserved = (holds: readonly object[]) => ({
  kind: 'reservation-began',
  reservation: 'spare/s',
  holds,
  owner: null,
});
const facts = (standing: StandingFacts, spares: readonly ObservedSpare[], now = at(50)) =>
  makeSpareFacts(standing, spares, () => ({ cpus: 2 }), now);

it('reserves the cores of a spare for its environment, once', () => {
  const owner = { service: '*', environment: 'prod', release: null, team: null, model: null };
  const holds = [{ device: 'n/cores', milliCores: 2_000 }];
  expect(facts(standingOf(cores), [spare()])).toEqual([
    { kind: 'reservation-began', reservation: 'spare/s', holds, owner, at: at(50) },
  ]);
  expect(facts(standingOf(cores, reserved(holds)), [spare()])).toEqual([]);
});

it('reserves the share of the device that it was assigned', () => {
  const held = { name: 'gpu-0', uuid: 'gpu-0', product: null, mig: null, memoryBytes: null, share: '3' };
  const devices = { toldBy: 'platform', devices: [held], unknown: null } as const;
  expect(facts(standingOf(cores, gpu), [spare({ state: 'starting', deviceCount: 1, devices })])).toMatchObject([
    { kind: 'reservation-began', holds: [{ device: 'gpu-0', slot: '3' }] },
  ]);
});

it('waits for the inventory', () => {
  expect(facts(standingOf(), [spare()])).toEqual([]);
});

it('ends the reservation at the very moment at which the claim of the replica began', () => {
  const holds = [{ device: 'n/cores', milliCores: 2_000 }];
  const claim = { kind: 'claim-began', claim: 'replica', holds, owner: null, purpose: 'answers' };
  const taken = [spare({ state: 'taken', takenBy: 'replica' })];
  expect(facts(standingOf(cores, reserved(holds)), taken)).toEqual([]);
  expect(facts(standingOf(cores, reserved(holds)), [spare({ state: 'taken' })])).toEqual([]);
  const ended = { kind: 'reservation-ended', reservation: 'spare/s' };
  expect(facts(standingOf(cores, reserved(holds), { ...claim, at: at(20) }), taken)).toEqual([
    { ...ended, at: at(20) },
  ]);
  // Another recorder has another clock.
  const before = standingOf(cores, reserved(holds), { ...claim, at: at(20, 'earlier') });
  expect(facts(before, taken)).toEqual([{ ...ended, at: at(50) }]);
});

it('ends the reservation of a spare that is gone, and no other reservation', () => {
  const other = { ...reserved([]), reservation: 'somebody' };
  expect(facts(standingOf(cores, reserved([]), other), [])).toEqual([
    { kind: 'reservation-ended', reservation: 'spare/s', at: at(50) },
  ]);
});
