import type { ChargedLedger } from '../prices/charge-rows.ts';
import type { InvoiceLine } from './read-invoice.ts';

/** A resource in a time that the invoice names, with the money of both sides. */
export interface MatchedCost {
  readonly resource: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Lines of the invoice. */
  readonly lines: readonly number[];
  readonly billedMicros: number;
  readonly ledgerMicros: number;
  /** Billed less ledger. */
  readonly differenceMicros: number;
}

export interface Reconciliation {
  readonly matched: readonly MatchedCost[];
  /** On the invoice, and nothing in the ledger is of that resource and time. */
  readonly billedOnly: readonly InvoiceLine[];
  /** In the ledger, by resource, and on no line. Unused commitments stand by their id. */
  readonly ledgerOnly: readonly { readonly resource: string; readonly micros: number }[];
  /** Lines in a currency that the ledger is not in: not compared. */
  readonly otherCurrency: readonly InvoiceLine[];
  readonly billedMicros: number;
  readonly ledgerMicros: number;
  /** Money that one side has and the other has not: all differences, each counted as positive. 0: both say the same. */
  readonly unexplainedMicros: number;
}

/** Money of a device, or of an unused commitment, in one hour. */
export interface CostedHour {
  readonly resource: string;
  readonly hourMs: number;
  readonly micros: number;
}

/** What an invoice is held against. */
export interface CostedLedger {
  readonly currency: string | null;
  readonly hours: readonly CostedHour[];
}

interface LedgerHour extends CostedHour {
  micros: number;
  isTaken: boolean;
}

/**
 * Returns an invoice held against a ledger, by resource and period. An hour of the ledger belongs to the shortest period of the
 * invoice that it lies in, so that each millionth is compared once. Lines of one resource and period are added up first: a
 * discount line belongs to the line that it is a discount of.
 *
 *     billed - ledger = differences of the matched + billed only - ledger only
 *
 * @param resourceOf the resource of the invoice that a device is billed as: an instance with eight boards is one resource.
 */
export function reconcileInvoice(
  lines: readonly InvoiceLine[],
  ledger: CostedLedger,
  resourceOf: (device: string) => string,
): Reconciliation {
  const hours = ledgerHours(ledger, resourceOf);
  const compared = lines.filter(({ currency }) => currency === ledger.currency);
  const periods = Map.groupBy(compared, ({ resource, fromMs, toMs }) => JSON.stringify([resource, fromMs, toMs]));
  const ordered = [...periods.values()].sort(
    ([a], [b]) => lengthOf(a) - lengthOf(b) || (a?.fromMs ?? 0) - (b?.fromMs ?? 0),
  );
  const matched: MatchedCost[] = [];
  const billedOnly: InvoiceLine[] = [];
  for (const period of ordered) {
    const [first] = period;
    if (first === undefined) continue;
    const { resource, fromMs, toMs } = first;
    const own = (resource === null ? [] : (hours.get(resource) ?? [])).filter(
      (hour) => !hour.isTaken && fromMs <= hour.hourMs && hour.hourMs < toMs,
    );
    if (resource === null || own.length === 0) {
      billedOnly.push(...period);
      continue;
    }
    for (const hour of own) hour.isTaken = true;
    const billedMicros = sum(period);
    const ledgerMicros = sum(own);
    const numbers = period.map(({ line }) => line);
    const differenceMicros = billedMicros - ledgerMicros;
    matched.push({ resource, fromMs, toMs, lines: numbers, billedMicros, ledgerMicros, differenceMicros });
  }
  const ledgerOnly = [...hours]
    .map(([resource, own]) => ({ resource, micros: sum(own.filter(({ isTaken }) => !isTaken)) }))
    .filter(({ micros }) => micros !== 0)
    .sort((a, b) => b.micros - a.micros || (a.resource < b.resource ? -1 : 1));
  const unexplained = [
    ...matched.map(({ differenceMicros }) => differenceMicros),
    ...billedOnly.map(({ micros }) => micros),
    ...ledgerOnly.map(({ micros }) => micros),
  ];
  return {
    matched: matched.sort((a, b) => Math.abs(b.differenceMicros) - Math.abs(a.differenceMicros)),
    billedOnly,
    ledgerOnly,
    otherCurrency: lines.filter(({ currency }) => currency !== ledger.currency),
    billedMicros: sum(compared),
    ledgerMicros: sum([...hours.values()].flat()),
    unexplainedMicros: unexplained.reduce((all, micros) => all + Math.abs(micros), 0),
  };
}

/** Returns the money of a charged ledger by device and hour; unused commitments stand by their id. */
export function costHours({ currency, charges, unused }: ChargedLedger): CostedLedger {
  const hours = new Map<string, { resource: string; hourMs: number; micros: number }>();
  const add = (resource: string, hourMs: number, micros: number): void => {
    const key = JSON.stringify([resource, hourMs]);
    const known = hours.get(key);
    if (known === undefined) hours.set(key, { resource, hourMs, micros });
    else known.micros += micros;
  };
  for (const { row, effectiveMicros } of charges) {
    if (effectiveMicros !== null) add(row.device, row.hourMs, effectiveMicros);
  }
  for (const { commitment, hourMs, micros } of unused) add(commitment, hourMs, micros);
  return { currency, hours: [...hours.values()] };
}

function ledgerHours(
  { hours }: CostedLedger,
  resourceOf: (device: string) => string,
): ReadonlyMap<string, LedgerHour[]> {
  const byKey = new Map<string, LedgerHour>();
  for (const { resource: device, hourMs, micros } of hours) {
    const resource = resourceOf(device);
    const key = JSON.stringify([resource, hourMs]);
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, { resource, hourMs, micros, isTaken: false });
    else known.micros += micros;
  }
  return Map.groupBy(byKey.values(), ({ resource }) => resource);
}

const lengthOf = (line: InvoiceLine | undefined): number => (line === undefined ? 0 : line.toMs - line.fromMs);

const sum = (parts: readonly { readonly micros: number }[]): number =>
  parts.reduce((all, { micros }) => all + micros, 0);
