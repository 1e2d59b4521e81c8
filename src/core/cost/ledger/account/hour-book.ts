import { coreSteps } from '../../../units/next-steps/core-steps.ts';
import { nextStep } from '../../../units/next-steps/next-step.ts';
import { PlimsollError } from '../../../units/errors.ts';
import { apportion } from '../../apportion.ts';
import type { DeviceSpan } from '../devices/read-inventory.ts';
import type { SlottedDevice } from '../devices/device-slots.ts';
import { hourOf, type LedgerRow } from '../row.ts';

export type PostingLabel = Pick<LedgerRow, 'state' | 'owner' | 'claim' | 'purpose' | 'cause' | 'reason' | 'grade'>;

/** Time of a slot under one label. */
export interface Posting {
  readonly label: PostingLabel;
  /** Parts of the device in each account, of `slotted.computeParts` and `slotted.memoryParts`. */
  readonly compute: number;
  readonly memory: number;
  /** Milliseconds, and of these the filled and the unrated ones. */
  readonly lastedMs: number;
  readonly filledMs: number;
  readonly unratedMs: number;
  readonly answers: number;
  readonly tokens: number;
}

/** Milliseconds times parts, by how many parts make a device. */
type ByParts = Map<number, number>;

interface Entry {
  readonly key: string;
  readonly label: PostingLabel;
  readonly slackOrOther: ByParts;
  readonly filled: ByParts;
  readonly unrated: ByParts;
  readonly memory: ByParts;
  answers: number;
  tokens: number;
}

/**
 * Adds up the postings of one device and closes each hour into rows. Everything is added up in milliseconds times parts, which
 * are whole numbers. At the end of an hour they become device-milliseconds by largest remainder, ties by label.
 */
export class HourBook {
  readonly #span: DeviceSpan;
  readonly #hours = new Map<number, Map<string, Entry>>();

  constructor(span: DeviceSpan) {
    this.#span = span;
  }

  /** @param fromMs begin of the posting, which lies in one hour. */
  post(fromMs: number, key: string, { computeParts, memoryParts }: SlottedDevice, posting: Posting): void {
    const hour = hourOf(fromMs);
    let entries = this.#hours.get(hour);
    if (entries === undefined) this.#hours.set(hour, (entries = new Map<string, Entry>()));
    let entry = entries.get(key);
    if (entry === undefined) entries.set(key, (entry = emptyEntry(key, posting.label)));
    const { compute, memory, lastedMs, filledMs, unratedMs } = posting;
    add(entry.slackOrOther, computeParts, (lastedMs - filledMs - unratedMs) * compute);
    add(entry.filled, computeParts, filledMs * compute);
    add(entry.unrated, computeParts, unratedMs * compute);
    add(entry.memory, memoryParts, lastedMs * memory);
    entry.answers += posting.answers;
    entry.tokens += posting.tokens;
  }

  /** @throws PlimsollError `ledger-not-conserved` (bug) where the slots of an hour are no whole devices. */
  close(): readonly LedgerRow[] {
    return [...this.#hours]
      .sort(([a], [b]) => a - b)
      .flatMap(([hour, entries]) => this.#closeHour(hour, [...entries.values()].sort(byKey)));
  }

  #closeHour(hour: number, entries: readonly Entry[]): readonly LedgerRow[] {
    const { device, pool, deviceClass, layouts } = this.#span;
    const unit = layouts[0]?.slotted.unit ?? 'accelerator';
    const compute = wholeMs(
      entries.flatMap(({ key, slackOrOther, filled, unrated }) => [
        { key: `${key} 0`, parts: slackOrOther },
        { key: `${key} 1`, parts: filled },
        { key: `${key} 2`, parts: unrated },
      ]),
      device,
    );
    const memory = wholeMs(
      entries.map(({ key, memory: parts }) => ({ key, parts })),
      device,
    );
    return entries.flatMap((entry, index) => {
      const [other = 0, filledMs = 0, unratedMs = 0] = compute.slice(3 * index, 3 * index + 3);
      const [computeMs, memoryMs] = [other + filledMs + unratedMs, memory[index] ?? 0];
      const { label, answers, tokens } = entry;
      if (computeMs === 0 && memoryMs === 0 && answers === 0 && tokens === 0) return [];
      const amounts = { computeMs, memoryMs, filledMs, unratedMs, answers, tokens };
      return [{ hourMs: hour, pool, device, deviceClass, unit, ...label, ...amounts }];
    });
  }
}

/** Returns device-milliseconds, by largest remainder for each number of parts on its own. */
function wholeMs(
  amounts: readonly { readonly key: string; readonly parts: ByParts }[],
  device: string,
): readonly number[] {
  const sums = amounts.map(() => 0);
  for (const parts of new Set(amounts.flatMap((amount) => [...amount.parts.keys()]))) {
    const weights = amounts.map(({ key, parts: own }) => ({ key, weight: own.get(parts) ?? 0 }));
    const total = weights.reduce((sum, { weight }) => sum + weight, 0) / parts;
    if (!Number.isInteger(total)) throw notWhole(device, parts, total);
    apportion(total, weights).forEach((ms, index) => (sums[index] = (sums[index] ?? 0) + ms));
  }
  return sums;
}

function add(sums: ByParts, parts: number, amount: number): void {
  if (amount !== 0) sums.set(parts, (sums.get(parts) ?? 0) + amount);
}

function emptyEntry(key: string, label: PostingLabel): Entry {
  return {
    key,
    label,
    slackOrOther: new Map(),
    filled: new Map(),
    unrated: new Map(),
    memory: new Map(),
    answers: 0,
    tokens: 0,
  };
}

const byKey = (a: Entry, b: Entry): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

function notWhole(device: string, parts: number, total: number): PlimsollError {
  return new PlimsollError({
    code: 'ledger-not-conserved',
    category: 'bug',
    message: `${device}: parts of 1/${parts} add up to ${total} device-milliseconds in an hour, which is no whole number`,
    next: nextStep(coreSteps, 'ledger-not-conserved'),
  });
}
