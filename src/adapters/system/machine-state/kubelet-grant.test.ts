import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readKubeletGrant } from './kubelet-grant.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-kubelet-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function grantOf(text: string): Promise<string | null> {
  mkdirSync(path.join(folder, 'device-plugins'), { recursive: true });
  writeFileSync(path.join(folder, 'device-plugins/kubelet_internal_checkpoint'), text);
  return readKubeletGrant(folder);
}

/** A field with a length, as protobuf writes it. */
function field(number: number, bytes: Uint8Array): Buffer {
  const length = bytes.length < 0x80 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}
const words = (...all: readonly string[]): Buffer =>
  Buffer.concat(all.map((word, index) => field(index + 1, Buffer.from(word))));

const variable = field(1, words('NVIDIA_VISIBLE_DEVICES', 'GPU-3d8c1f52-90f0-7b9e-3f0e-1f2d3c4b5a69'));
const mount = field(2, words('/etc/a', '/etc/b'));
const device = field(3, words('/dev/nvidia0', '/dev/nvidia0', 'rw'));
const annotation = field(4, words('cdi.k8s.io/nvidia-device-plugin_1', 'nvidia.com/gpu=0'));
const ofCdi = field(5, words('nvidia.com/gpu=0'));
const long = field(1, Buffer.alloc(300, 0x61));

const entry = (answer: Uint8Array, resource = 'nvidia.com/gpu'): object => ({
  PodUID: 'f0',
  ContainerName: 'main',
  ResourceName: resource,
  DeviceIDs: { '-1': ['GPU-1'] },
  AllocResp: Buffer.from(answer).toString('base64'),
});
const checkpoint = (...entries: readonly unknown[]): string =>
  JSON.stringify({ Data: { PodDeviceEntries: entries, RegisteredDevices: {} }, Checksum: 1 });

describe('what the device plugin names to the kubelet', () => {
  it.each<[string, readonly unknown[], string | null]>([
    ['a variable alone', [entry(variable)], 'unnamed'],
    ['a variable and mounts', [entry(Buffer.concat([variable, mount, annotation]))], 'unnamed'],
    ['a long variable', [entry(Buffer.concat([long, variable]))], 'unnamed'],
    ['device files', [entry(Buffer.concat([variable, device, device]))], 'named'],
    ['device files after a long variable', [entry(Buffer.concat([long, device]))], 'named'],
    ['devices of CDI', [entry(Buffer.concat([annotation, ofCdi]))], 'named'],
    ['an instance of MIG', [entry(variable, 'nvidia.com/mig-1g.10gb')], 'unnamed'],
    ['a device of another vendor', [entry(device, 'amd.com/gpu')], null],
    ['devices of two vendors', [entry(device, 'amd.com/gpu'), entry(variable)], 'unnamed'],
    ['answers of both kinds', [entry(variable), entry(device)], null],
    ['nothing', [entry(new Uint8Array())], null],
    ['an answer that ends too early', [entry(variable.subarray(0, 20))], null],
    ['an answer that ends in a length', [entry(Buffer.from([0x0a, 0x80]))], null],
    ['a length that does not end', [entry(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x01]))], null],
    ['fields of another kind', [entry(Buffer.from([0x08, 0x01]))], null],
    ['no entry', [], null],
    ['entries that are none', [null, 1, { ResourceName: 'nvidia.com/gpu', AllocResp: 7 }, { ResourceName: 8 }], null],
  ])('%s', async (_what, entries, grant) => {
    expect(await grantOf(checkpoint(...entries))).toBe(grant);
  });

  it.each(['', '{', 'null', '[]', '{"Data":null}', '{"Data":{"PodDeviceEntries":{}}}'])(
    'is not known of a checkpoint %j',
    async (text) => {
      expect(await grantOf(text)).toBeNull();
    },
  );

  it('is not known without a checkpoint', async () => {
    expect(await readKubeletGrant(folder)).toBeNull();
  });
});
