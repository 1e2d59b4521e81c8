import { readDuration } from '../units/quantity/quantity-duration.ts';
import { unreadable, type Quantity } from '../units/quantity/quantity.ts';
import { replicaPower } from './replica-power.ts';
import type { ReplicaCapacity, ServiceCurve } from './service-curve.ts';

export const statedCurveForm =
  'a curve such as `slots:4,200ms` (requests at once, what each takes) or `batch:5ms,6ms,8ms` (one, two, three rows)';

/** Slots and batches are this large at most: a curve is a list of as many numbers. */
const sizeAtMost = 4_096;
/** Share of the most that a replica of a stated curve can do: what is sustained without queueing long. */
const sustainedShare = 0.7;

/**
 * A curve that is stated and not measured.
 *
 * | text | curve |
 * |---|---|
 * | `slots:4,200ms` | four requests at once, each alone on its slot, 200 ms on average |
 * | `batch:5ms,6ms,8ms` | 5 ms for a batch of one, 6 ms for two, 8 ms for three, which is the largest |
 * | `batch:5ms+1ms*16` | 5 ms for one and 1 ms for each more, up to 16 |
 */
export function readStatedCurve(text: string): Quantity<ServiceCurve> {
  const colon = text.indexOf(':');
  const kind = text.slice(0, Math.max(0, colon)).trim();
  const rest = text.slice(colon + 1);
  if (kind === 'slots') return readSlots(rest);
  if (kind === 'batch') return /[+*]/.test(rest) ? readLine(rest) : readBatches(rest.split(','));
  return unreadable(statedCurveForm);
}

/** The capacity of a stated curve: 70% of the most that it can do, and nothing waits at the replica. */
export function statedCapacity(curve: ServiceCurve): ReplicaCapacity {
  const { mostPerSecond, slots, workMs } = replicaPower({ curve });
  const ratePerSecond = sustainedShare * mostPerSecond;
  return { curve, ratePerSecond, concurrency: sustainedShare * slots, serviceMs: workMs, stated: true };
}

function readSlots(text: string): Quantity<ServiceCurve> {
  const [count = '', work, ...more] = text.split(',').map((part) => part.trim());
  if (work === undefined || more.length > 0) return unreadable(statedCurveForm, '`slots:` has a count and a time');
  const slots = wholeOf(count);
  if (slots === null) return unreadable(statedCurveForm, `slots are a whole number from 1 to ${sizeAtMost}`);
  const meanWork = timeOf(work);
  if (!meanWork.ok) return meanWork;
  const speeds = Array.from({ length: slots }, () => 1);
  return { ok: true, value: { kind: 'slots', slots, speeds, meanWorkMs: meanWork.value } };
}

function readBatches(parts: readonly string[]): Quantity<ServiceCurve> {
  if (parts.length > sizeAtMost) return unreadable(statedCurveForm, `a batch has at most ${sizeAtMost} rows`);
  const batchMs: number[] = [];
  for (const part of parts) {
    const time = timeOf(part);
    if (!time.ok) return time;
    if (time.value < (batchMs.at(-1) ?? 0)) {
      return unreadable(statedCurveForm, 'a larger batch does not take less time');
    }
    batchMs.push(time.value);
  }
  return { ok: true, value: { kind: 'batch', batchMs, maxDelayMs: 0 } };
}

/** `5ms+1ms*16`. */
function readLine(text: string): Quantity<ServiceCurve> {
  const match = /^([^+*]+)\+([^+*]+)\*([^+*]+)$/.exec(text);
  if (match === null) return unreadable(statedCurveForm, 'a line is written as `batch:5ms+1ms*16`');
  const [first, each, rows] = [timeOf(match[1] ?? ''), readDuration(match[2] ?? ''), wholeOf((match[3] ?? '').trim())];
  if (!first.ok) return first;
  if (!each.ok) return unreadable(statedCurveForm, each.hint ?? each.expected);
  if (rows === null) return unreadable(statedCurveForm, `rows are a whole number from 1 to ${sizeAtMost}`);
  const batchMs = Array.from({ length: rows }, (_, index) => first.value + index * each.value);
  return { ok: true, value: { kind: 'batch', batchMs, maxDelayMs: 0 } };
}

function timeOf(text: string): Quantity<number> {
  const time = readDuration(text);
  if (!time.ok) return unreadable(statedCurveForm, time.hint ?? time.expected);
  return time.value > 0 ? time : unreadable(statedCurveForm, 'a request takes longer than 0');
}

function wholeOf(text: string): number | null {
  return /^[1-9]\d{0,3}$/.test(text) && Number(text) <= sizeAtMost ? Number(text) : null;
}
