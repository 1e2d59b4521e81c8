import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unlistedBoards } from './bus-boards.ts';
import { readPciDevices } from './pci-devices.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-bus-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function boardWith(resource: string | null): Promise<string | undefined> {
  const device = path.join(folder, 'sys/bus/pci/devices/0000:01:00.0');
  mkdirSync(device, { recursive: true });
  const files = { vendor: '0x10de', device: '0x1b38', class: '0x030200', ...(resource === null ? {} : { resource }) };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(device, name), `${text}\n`);
  symlinkSync('../../../bus/pci/drivers/nouveau', path.join(device, 'driver'));
  const listing = await readPciDevices({ proc: '', dev: '', sys: path.join(folder, 'sys') });
  return unlistedBoards([], listing)[0];
}

const none = '0x0000000000000000 0x0000000000000000 0x0000000000000000';
const bar0 = '0x00000000f6000000 0x00000000f6ffffff 0x0000000000040200';
const placed = '0x000000c000000000 0x000000c7ffffffff 0x000000000014220c';
const atZero = '0x0000000000000000 0x00000007ffffffff 0x000000000014220c';
const flagged = '0x0000000100000000 0x00000008ffffffff 0x000000002014220c';
const small = '0x0000000000000000 0x0000000001ffffff 0x000000000014220c';
const ports = '0x0000000000000000 0x000000000000007f 0x0000000000040101';

describe('a board whose memory got no address', () => {
  it.each<[string, readonly string[], string | null]>([
    ['every range has one', [bar0, placed, none], null],
    ['one starts at 0', [bar0, atZero, none, small], '32768 MiB'],
    ['one is marked as not set', [bar0, flagged, none], '32768 MiB'],
    ['a small one has none', [bar0, placed, none, small], '32 MiB'],
    ['ports have none', [bar0, placed, none, none, none, ports], null],
    ['the memory of its firmware has none', [bar0, placed, none, none, none, none, small], null],
    ['nothing is assigned, or there is no range', [none, none], null],
    ['the kernel tells something else', ['resource', '0x0 0xzz 0x200', ''], null],
  ])('is told where %s', async (_what, lines, size) => {
    const board = '0000:01:00.0 (0x1B3810DE, held by nouveau';
    expect(await boardWith(lines.join('\n'))).toBe(
      size === null
        ? `${board})`
        : `${board}; ${size} of its memory have no address: turn on "Above 4G Decoding" in the firmware, or 64-bit MMIO of the virtual machine)`,
    );
  });

  it('is not told where the kernel shows no ranges', async () => {
    expect(await boardWith(null)).toBe('0000:01:00.0 (0x1B3810DE, held by nouveau)');
  });
});
