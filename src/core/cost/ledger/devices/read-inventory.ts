import type { DeviceAppeared } from '../fact.ts';
import { makeError } from '../record/make-error.ts';
import type { PlacedFact } from '../record/place-facts.ts';
import type { LedgerError } from '../row.ts';
import type { Span } from '../span.ts';
import { slotDevice, type SlottedDevice } from './device-slots.ts';

/** A device in one pool, for as long as its class stays. */
export interface DeviceSpan extends Span {
  readonly device: string;
  readonly pool: string;
  readonly node: string;
  readonly deviceClass: string;
  /** In order; they cover the span without a hole. */
  readonly layouts: readonly LayoutSpan[];
  /** Times in which the inventory has the device in another pool too. */
  readonly alsoElsewhere: readonly Span[];
}

export interface LayoutSpan extends Span {
  readonly slotted: SlottedDevice;
}

export interface Inventory {
  readonly spans: readonly DeviceSpan[];
  readonly errors: readonly LedgerError[];
}

interface OpenSpan {
  readonly appeared: DeviceAppeared;
  readonly fromMs: number;
  readonly layouts: { readonly fromMs: number; readonly slotted: SlottedDevice; readonly key: string }[];
  readonly alsoElsewhere: Span[];
}

interface Reading {
  /** By device: the span that counts, and the pools that claim the device too. */
  readonly open: Map<string, OpenSpan>;
  readonly others: Map<string, Map<string, { readonly appeared: DeviceAppeared; readonly fromMs: number }>>;
  /** Device by node and place. */
  readonly places: Map<string, string>;
  readonly spans: DeviceSpan[];
  readonly errors: LedgerError[];
  readonly slotted: Map<string, SlottedDevice>;
}

/**
 * Returns which devices exist when, in which pool and with which slots, from the facts of the inventory alone.
 *
 * | said | counts as |
 * |---|---|
 * | a device appears that is there, in the same pool | its layout is said again |
 * | in another pool | an error; the first pool keeps it, and its time is unattributable until one of them lets go |
 * | another UUID at the place of a device that is there | an error; the earlier UUID is gone |
 * | a device goes that is not there, or its layout changes | an error |
 *
 * @param untilMs no earlier than the last fact; devices that nothing ends are there until then.
 */
export function readInventory(placed: readonly PlacedFact[], untilMs: number): Inventory {
  const reading: Reading = {
    open: new Map(),
    others: new Map(),
    places: new Map(),
    spans: [],
    errors: [],
    slotted: new Map(),
  };
  for (const fact of placed) {
    if (fact.kind === 'device-appeared') appear(reading, fact, fact.atMs);
    else if (fact.kind === 'device-gone') leave(reading, fact.device, fact.pool, fact.atMs);
    else if (fact.kind === 'layout-changed') {
      const span = reading.open.get(fact.device);
      if (span === undefined) reading.errors.push(unknownDevice(fact.device, fact.atMs, 'its layout changed'));
      else pushLayout(reading, span, fact.layout, fact.atMs);
    }
  }
  for (const device of [...reading.open.keys()]) close(reading, device, untilMs);
  return { spans: reading.spans.sort(bySpan), errors: reading.errors };
}

function appear(reading: Reading, appeared: DeviceAppeared, atMs: number): void {
  const { device, pool, node, place } = appeared;
  const placeKey = place === null ? null : JSON.stringify([node, place]);
  const before = placeKey === null ? undefined : reading.places.get(placeKey);
  if (before !== undefined && before !== device && reading.open.has(before)) {
    const message = `${node} ${place}: the device is called ${device} now, and was ${before}`;
    reading.errors.push(makeError('uuid-changed', { fromMs: atMs, toMs: atMs, device, message }));
    reading.others.delete(before);
    close(reading, before, atMs);
  }
  if (placeKey !== null) reading.places.set(placeKey, device);
  const open = reading.open.get(device);
  if (open === undefined) return begin(reading, appeared, atMs);
  if (open.appeared.pool !== pool) {
    const others = reading.others.get(device) ?? new Map<string, { appeared: DeviceAppeared; fromMs: number }>();
    if (!others.has(pool)) others.set(pool, { appeared, fromMs: atMs });
    reading.others.set(device, others);
    return;
  }
  if (open.appeared.deviceClass === appeared.deviceClass) return pushLayout(reading, open, appeared.layout, atMs);
  closeSpan(reading, open, atMs);
  begin(reading, appeared, atMs);
}

function begin(reading: Reading, appeared: DeviceAppeared, atMs: number): void {
  const span: OpenSpan = { appeared, fromMs: atMs, layouts: [], alsoElsewhere: [] };
  reading.open.set(appeared.device, span);
  pushLayout(reading, span, appeared.layout, atMs);
}

function pushLayout(reading: Reading, span: OpenSpan, layout: DeviceAppeared['layout'], atMs: number): void {
  const key = JSON.stringify([layout, span.appeared.pciDeviceId]);
  const last = span.layouts.at(-1);
  if (last?.key === key) return;
  const slotted = reading.slotted.get(key) ?? slotDevice(layout, span.appeared.pciDeviceId);
  reading.slotted.set(key, slotted);
  if (slotted.slots.some(({ use }) => use === 'unknown')) {
    const { device } = span.appeared;
    const message = `${device}: no table knows this MIG layout of a board ${span.appeared.pciDeviceId ?? 'without a PCI device id'}`;
    reading.errors.push(makeError('layout-unknown', { fromMs: atMs, toMs: atMs, device, message }));
  }
  if (last?.fromMs === atMs) span.layouts.pop();
  span.layouts.push({ fromMs: atMs, slotted, key });
}

function leave(reading: Reading, device: string, pool: string, atMs: number): void {
  const others = reading.others.get(device);
  const open = reading.open.get(device);
  if (open === undefined) {
    reading.errors.push(unknownDevice(device, atMs, 'it went'));
  } else if (open.appeared.pool === pool) {
    const [next] = [...(others ?? [])].sort(([, a], [, b]) => a.fromMs - b.fromMs)[0] ?? [];
    const heir = next === undefined ? undefined : others?.get(next);
    close(reading, device, atMs);
    if (heir === undefined || others === undefined) return;
    const rest = [...others].filter(([name]) => name !== next);
    begin(reading, heir.appeared, atMs);
    if (rest.length > 0)
      reading.others.set(device, new Map(rest.map(([name, each]) => [name, { ...each, fromMs: atMs }])));
  } else if (others?.has(pool) === true) {
    endOther(reading, open, pool, others.get(pool)?.fromMs ?? atMs, atMs);
    others.delete(pool);
  } else reading.errors.push(unknownDevice(device, atMs, `it went from the pool ${pool}`));
}

function endOthers(reading: Reading, device: string, atMs: number, open: OpenSpan): void {
  for (const [pool, { fromMs }] of reading.others.get(device) ?? []) endOther(reading, open, pool, fromMs, atMs);
  reading.others.delete(device);
}

function endOther(reading: Reading, open: OpenSpan, pool: string, fromMs: number, toMs: number): void {
  const { device } = open.appeared;
  open.alsoElsewhere.push({ fromMs, toMs });
  const message = `${device} is in the pools ${open.appeared.pool} and ${pool} at the same time`;
  reading.errors.push(makeError('device-in-two-pools', { fromMs, toMs, device, shareMs: toMs - fromMs, message }));
}

function close(reading: Reading, device: string, atMs: number): void {
  const open = reading.open.get(device);
  if (open === undefined) return;
  endOthers(reading, device, atMs, open);
  closeSpan(reading, open, atMs);
}

function closeSpan(reading: Reading, open: OpenSpan, toMs: number): void {
  reading.open.delete(open.appeared.device);
  if (open.fromMs >= toMs) return;
  const { device, pool, node, deviceClass } = open.appeared;
  const layouts = open.layouts.map(({ fromMs, slotted }, index) => ({
    fromMs,
    toMs: open.layouts[index + 1]?.fromMs ?? toMs,
    slotted,
  }));
  const { alsoElsewhere } = open;
  reading.spans.push({ device, pool, node, deviceClass, fromMs: open.fromMs, toMs, layouts, alsoElsewhere });
}

const unknownDevice = (device: string, atMs: number, what: string): LedgerError =>
  makeError('device-unknown', {
    fromMs: atMs,
    toMs: atMs,
    device,
    message: `${device} is in no pool, and ${what}`,
  });

const bySpan = (a: DeviceSpan, b: DeviceSpan): number =>
  a.device < b.device ? -1 : a.device > b.device ? 1 : a.fromMs - b.fromMs;
