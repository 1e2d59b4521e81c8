import * as z from 'zod';
import type { DeviceLayout, FactClock, Hold, LedgerFact, WorkCounters } from '../../core/cost/ledger/fact.ts';
import { purposes, type Owner } from '../../core/cost/ledger/state.ts';

const name = z.string();
/** Whole or not, the ledger says so itself: a clock that is no whole number is an error row, and no unreadable store. */
const number = z.number();
const base = {
  id: z.string().min(1),
  at: z.object({ recorder: name, monotonicMs: number, wallMs: number }) satisfies z.ZodType<FactClock>,
};

const layout: z.ZodType<DeviceLayout> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('whole') }),
  z.object({
    kind: z.literal('mig'),
    instances: z.array(z.object({ slot: name, profile: name, start: number })),
  }),
  z.object({ kind: z.literal('shared'), sharing: z.enum(['mps', 'time-slicing']), shares: number }),
  z.object({ kind: z.literal('cores'), cores: number }),
]);
const hold: z.ZodType<Hold> = z.union([
  z.object({ device: name, slot: name, milliSlot: number.exactOptional() }),
  z.object({ device: name, milliCores: number, isDefault: z.literal(true).exactOptional() }),
]);
const owner: z.ZodType<Owner | null> = z
  .object({
    ...{ service: name, environment: name },
    ...{ release: name.nullable(), team: name.nullable(), model: name.nullable() },
  })
  .nullable();
const busyMs = z.partialRecord(z.enum(purposes), number);
const counters: z.ZodType<WorkCounters> = z.object({
  ...{ gateway: name, startedAtMs: number },
  ...{ answers: number.exactOptional(), inside: number.exactOptional(), tokens: number.exactOptional() },
  ...{ busyMs: number.exactOptional(), shadowMs: number.exactOptional(), goldenMs: number.exactOptional() },
});
const scope = z.discriminatedUnion('of', [
  z.object({ of: z.literal('all') }),
  z.object({ of: z.literal('pool'), pool: name }),
  z.object({ of: z.literal('node'), node: name }),
  z.object({ of: z.literal('device'), device: name }),
]);
const terms = z.object({ demand: number, minReplicas: number, ahead: number, warmPool: number });

/** One fact of the ledger, as a store gives it back. Keys that this version does not know are left out. */
export const ledgerFactSchema: z.ZodType<LedgerFact> = z.discriminatedUnion('kind', [
  z.object({
    ...{ kind: z.literal('device-appeared'), ...base, device: name, pool: name, node: name },
    ...{ place: name.nullable(), deviceClass: name, pciDeviceId: name.nullable(), layout },
  }),
  z.object({ kind: z.literal('device-gone'), ...base, device: name, pool: name }),
  z.object({ kind: z.literal('layout-changed'), ...base, device: name, layout }),
  z.object({
    ...{ kind: z.literal('claim-began'), ...base, claim: name },
    ...{ holds: z.array(hold), owner, purpose: z.enum(purposes) },
  }),
  z.object({
    ...{ kind: z.literal('claim-changed'), ...base, claim: name },
    state: z.enum(['loading', 'ready', 'asleep', 'draining', 'ended']),
  }),
  z.object({ kind: z.literal('claim-role'), ...base, claim: name, role: z.enum(['live', 'previous']) }),
  z.object({
    ...{ kind: z.literal('work-account'), ...base, claim: name, fromMonotonicMs: number, busyMs },
    joined: z.object({ atLeastMs: number, atMostMs: number }).exactOptional(),
    ...{ filledMs: number.nullable(), answers: number, tokens: number },
    source: z.enum(['device', 'engine', 'gateway']),
    counters: z.array(counters).exactOptional(),
  }),
  z.object({
    ...{ kind: z.literal('gap-began'), ...base, gap: name, scope },
    cause: z.enum(['control-plane-down', 'node-gone', 'reports-missing']),
  }),
  z.object({ kind: z.literal('gap-ended'), ...base, gap: name }),
  z.object({ kind: z.literal('reservation-began'), ...base, reservation: name, holds: z.array(hold), owner }),
  z.object({ kind: z.literal('reservation-ended'), ...base, reservation: name }),
  z.object({
    ...{ kind: z.literal('holder-sighted'), ...base, device: name, slot: name, holder: name },
    fromMonotonicMs: number,
  }),
  z.object({
    ...{ kind: z.literal('use-measured'), ...base, claim: name, device: name },
    ...{ fromMonotonicMs: number, usedMs: number },
  }),
  z.object({ kind: z.literal('scaling-decided'), ...base, service: name, environment: name, terms }),
]);
