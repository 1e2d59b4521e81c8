import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DeviceFacts } from '../../core/pool/node-facts.ts';
import { nodeFactsFormat, readNodeFacts } from '../../schemas/pool/node-facts.ts';
import { nodeFactsOfNvidiaSmi } from './node-facts-of-nvidia-smi.ts';

const capture = (name: string): Uint8Array => readFileSync(new URL(`./fixtures/${name}.xml`, import.meta.url));
const read = (name: string) => nodeFactsOfNvidiaSmi({ xml: capture(name), name, takenAtMs: 1000 });

const mebibyte = 1024 * 1024;
const notInXml = ['numaNode', 'sharing'];

const a100: DeviceFacts = {
  index: 0,
  uuid: 'GPU-00000000-0000-0000-0000-000000000000',
  product: 'NVIDIA A100-SXM4-40GB',
  brand: 'nvidia',
  architecture: 'Ampere',
  pciDeviceId: '0x20B010DE',
  pciBusId: '00000000:06:00.0',
  computeCapability: '8.0',
  memoryBytes: 40960 * mebibyte,
  reservedBytes: 518 * mebibyte,
  driver: '570.148.08',
  driverCuda: '12.8',
  mig: { capable: true, enabled: false, instances: [] },
  sharing: null,
  eccEnabled: true,
  numaNode: null,
  link: { generation: 4, maxGeneration: 4, width: 16, maxWidth: 16 },
  powerLimitWatts: 400,
  throttleReasons: ['gpu_idle'],
  state: { recovery: 'none', rowRemapping: 'none' },
  certainty: 'device',
  unknown: {},
};

describe('captures from physical nodes', () => {
  test('an A100 is read completely', () => {
    const { devices, ...node } = read('a100');
    expect(devices).toHaveLength(1);
    expect({ ...devices?.[0], unknown: {} }).toEqual(a100);
    expect(Object.keys(devices?.[0]?.unknown ?? {})).toEqual(notInXml);
    expect(node).toMatchObject({ name: 'a100', source: 'nvidia-smi', takenAtMs: 1000, cpu: null, kernel: null });
    expect(Object.keys(node.unknown)).toEqual(['cpu', 'memoryBytes', 'kernel', 'containerToolkit']);
  });

  test('eight H100 are read completely, in the order of their index', () => {
    const { devices } = read('h100');
    expect(devices?.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(new Set(devices?.map(({ uuid }) => uuid)).size).toBe(8);
    for (const device of devices ?? []) {
      expect(Object.keys(device.unknown)).toEqual(notInXml);
      expect(device).toMatchObject({
        product: 'NVIDIA H100 80GB HBM3',
        computeCapability: '9.0',
        memoryBytes: 81559 * mebibyte,
        driver: '580.105.08',
        driverCuda: '13.0',
        powerLimitWatts: 700,
        mig: { capable: true, enabled: false },
        link: { generation: 5, maxGeneration: 5, width: 16, maxWidth: 16 },
      });
    }
  });

  test('a T4 of a virtual machine: brand NVIDIA, half the link, no MIG', () => {
    const { devices } = read('t4');
    expect(Object.keys(devices?.[0]?.unknown ?? {})).toEqual(notInXml);
    expect(devices?.[0]).toMatchObject({
      product: 'Tesla T4',
      brand: 'nvidia',
      computeCapability: '7.5',
      memoryBytes: 15360 * mebibyte,
      driver: '595.91.07',
      driverCuda: '13.2',
      mig: { capable: false, enabled: false, instances: [] },
      link: { maxGeneration: 3, width: 8, maxWidth: 16 },
      powerLimitWatts: 70,
    });
  });

  test.each(['a100', 'h100', 't4'])('%s comes back from the JSON of probe as it went in', (name) => {
    const node = read(name);
    const json = JSON.stringify({ format: nodeFactsFormat, node, withPrivilege: [] });
    expect(readNodeFacts(new TextEncoder().encode(json), 'node.json')).toEqual(node);
  });

  test('a file that PowerShell wrote is UTF-16 and reads the same', () => {
    const utf16 = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from(Buffer.from(capture('a100')).toString(), 'utf16le'),
    ]);
    expect(nodeFactsOfNvidiaSmi({ xml: utf16, name: 'a100', takenAtMs: 1000 })).toEqual(read('a100'));
  });
});
