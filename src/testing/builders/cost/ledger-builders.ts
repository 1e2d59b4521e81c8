import type { DeviceLayout, Hold, LedgerFact } from '../../../core/cost/ledger/fact.ts';
import type { Owner } from '../../../core/cost/ledger/state.ts';

/** A full hour, 2026-01-01T00:00:00Z. */
export const hour0 = 1_767_225_600_000;
export const minute = 60_000;
export const hour = 60 * minute;

export const owner = (service: string): Owner => ({
  service,
  environment: 'prod',
  release: '7',
  team: 'search',
  model: `${service}-model`,
});

type Plain<Fact extends LedgerFact> = Fact extends LedgerFact ? Omit<Fact, 'id' | 'at'> : never;

let count = 0;

/** A fact so many milliseconds after `hour0`, by a recorder whose clocks agree. */
export function factAt(afterMs: number, fact: Plain<LedgerFact>, id?: string): LedgerFact {
  count += 1;
  const at = { recorder: 'control-plane-1', monotonicMs: afterMs, wallMs: hour0 + afterMs };
  return { ...fact, id: id ?? `fact-${String(count).padStart(6, '0')}`, at };
}

export const appeared = (afterMs: number, device: string, layout: DeviceLayout = { kind: 'whole' }): LedgerFact =>
  factAt(afterMs, {
    kind: 'device-appeared',
    device,
    pool: 'gpus',
    node: 'node-1',
    place: null,
    deviceClass: 'a100-40',
    pciDeviceId: '0x20B010DE',
    layout,
  });

export const whole = (device: string): readonly Hold[] => [{ device, slot: 'whole' }];

export const began = (afterMs: number, claim: string, holds: readonly Hold[], service = 'ranker'): LedgerFact =>
  factAt(afterMs, { kind: 'claim-began', claim, holds, owner: owner(service), purpose: 'answers' });

export const changed = (
  afterMs: number,
  claim: string,
  state: 'loading' | 'ready' | 'asleep' | 'draining' | 'ended',
): LedgerFact => factAt(afterMs, { kind: 'claim-changed', claim, state });

/** An account of the engine from one time to another. */
export const worked = (
  fromMs: number,
  toMs: number,
  claim: string,
  busyMs: number,
  over: Partial<Extract<LedgerFact, { kind: 'work-account' }>> = {},
): LedgerFact => {
  const plain = {
    kind: 'work-account',
    claim,
    fromMonotonicMs: fromMs,
    busyMs: { answers: busyMs },
    filledMs: Math.floor(busyMs / 2),
    answers: Math.floor(busyMs / 10),
    tokens: busyMs,
    source: 'engine',
  } as const;
  return factAt(toMs, { ...plain, ...over });
};
