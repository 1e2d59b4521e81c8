import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildDevice, buildNode } from '../../testing/builders/pools/pool-builders.ts';
import { openSimulatedDevices, withSimulatedDevices } from './simulated-devices.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-simulated-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const open = (file: string | undefined) => openSimulatedDevices({ PLIMSOLL_SIMULATED_DEVICES: file });

describe('simulated devices', () => {
  it('stand in place of those of the machine, known or not, and are read again each time', async () => {
    const file = path.join(folder, 'devices.yaml');
    writeFileSync(file, 'devices: [{ product: L4, memory: 24GiB }]\n');
    const simulated = open(file);
    if (simulated === null) throw new Error('the variable names a file');
    for (const devices of [null, [buildDevice()]]) {
      const facts = buildNode('vm', { devices, unknown: { devices: 'no driver', kernel: 'not read' } });
      const probe = { probe: () => Promise.resolve({ facts, withPrivilege: ['placements: root'] }) };
      const seen = await withSimulatedDevices(probe, simulated).probe(new AbortController().signal);
      expect(seen.facts).toMatchObject({ source: 'declared', devices: [{ product: 'Simulated L4' }] });
      expect([seen.facts.unknown, seen.withPrivilege]).toEqual([{ kernel: 'not read' }, []]);
    }
    writeFileSync(file, 'devices: [{ product: L4, memory: 24GiB, count: 2 }]\n');
    expect(await simulated()).toHaveLength(2);
  });

  it('are none without the variable, and an error with a path that does not lead to a file', async () => {
    expect([open(undefined), open('')]).toEqual([null, null]);
    await expect(open('devices.yaml')?.()).rejects.toMatchObject({ code: 'variable-invalid', category: 'input' });
    await expect(open(path.join(folder, 'none.yaml'))?.()).rejects.toMatchObject({ code: 'devices-missing' });
  });
});
