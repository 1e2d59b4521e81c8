import { describe, expect, it } from 'vitest';
import type { LedgerFact } from '../../core/cost/ledger/fact.ts';
import { appeared, began, changed, factAt, owner, whole, worked } from '../../testing/builders/cost/ledger-builders.ts';
import { ledgerFactSchema } from './ledger-fact.ts';

const one: { readonly [Kind in LedgerFact['kind']]: LedgerFact } = {
  'device-appeared': appeared(0, 'gpu-0', { kind: 'mig', instances: [{ slot: 'a', profile: '1g.5gb', start: 0 }] }),
  'device-gone': factAt(1, { kind: 'device-gone', device: 'gpu-0', pool: 'gpus' }),
  'layout-changed': factAt(1, {
    kind: 'layout-changed',
    device: 'gpu-0',
    layout: { kind: 'shared', sharing: 'mps', shares: 4 },
  }),
  'claim-began': began(2, 'r1', [...whole('gpu-0'), { device: 'node/cores', milliCores: 500 }]),
  'claim-changed': changed(3, 'r1', 'ready'),
  'claim-role': factAt(3, { kind: 'claim-role', claim: 'r1', role: 'previous' }),
  'work-account': worked(3, 9, 'r1', 4, {
    busyMs: { shadow: 1 },
    joined: { atLeastMs: 1, atMostMs: 2 },
    counters: [{ gateway: 'g', startedAtMs: 1, busyMs: 4 }],
  }),
  'gap-began': factAt(9, { kind: 'gap-began', gap: 'g', cause: 'node-gone', scope: { of: 'node', node: 'n' } }),
  'gap-ended': factAt(9, { kind: 'gap-ended', gap: 'g' }),
  'reservation-began': factAt(9, {
    kind: 'reservation-began',
    reservation: 'x',
    holds: whole('gpu-0'),
    owner: owner('a'),
  }),
  'reservation-ended': factAt(9, { kind: 'reservation-ended', reservation: 'x' }),
  'use-measured': factAt(9, {
    kind: 'use-measured',
    claim: 'r1',
    device: 'cpu-0',
    fromMonotonicMs: 0,
    usedMs: 5,
  }),
  'holder-sighted': factAt(9, {
    kind: 'holder-sighted',
    device: 'gpu-0',
    slot: 'whole',
    holder: 'pod/x',
    fromMonotonicMs: 1,
  }),
  'scaling-decided': factAt(9, {
    ...{ kind: 'scaling-decided', service: 'a', environment: 'b' },
    terms: { demand: 1, minReplicas: 1, ahead: 2, warmPool: 0 },
  }),
};

describe('ledgerFactSchema', () => {
  it.each(Object.values(one))('gives back $kind as it was written', (fact) => {
    expect(ledgerFactSchema.parse(JSON.parse(JSON.stringify(fact)))).toEqual(fact);
  });

  it.each([
    ['a kind that is none', { ...one['gap-ended'], kind: 'gap' }],
    ['no clock', { ...one['gap-ended'], at: undefined }],
    ['an amount that is text', { ...one['work-account'], answers: '3' }],
    ['a purpose that is none', { ...one['work-account'], busyMs: { fun: 3 } }],
    ['a claim without holds', { ...one['claim-began'], holds: undefined }],
    ['no object', 'gap-ended'],
  ])('refuses %s', (_what, fact) => {
    expect(ledgerFactSchema.safeParse(fact).success).toBe(false);
  });
});
