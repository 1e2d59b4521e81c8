import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCdiSpec } from './cdi-spec.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-cdi-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
};
const specOf = (version: string): string =>
  `kind: nvidia.com/gpu\nmounts:\n- containerPath: /usr/lib/libcuda.so.${version}\n  hostPath: /usr/lib/libcuda.so.${version}\n`;
const read = (driver: string | null) =>
  readCdiSpec([path.join(folder, 'etc/cdi'), path.join(folder, 'run/cdi')], driver);

describe('the specification of CDI', () => {
  it('is of the driver that is loaded, or of another', async () => {
    write('etc/cdi/nvidia.yaml', specOf('580.159.04'));
    expect(await read('580.159.04')).toBe('current');
    expect(await read('580.178.04')).toBe('stale');
    expect(await read(null)).toBeUndefined();
  });

  it('is stale where one of several in its folder is', async () => {
    write('etc/cdi/nvidia.yaml', specOf('580.159.04'));
    write('etc/cdi/nvidia-mig.json', JSON.stringify({ kind: 'nvidia.com/mig', hostPath: '/lib/libcuda.so.570.26' }));
    expect(await read('580.159.04')).toBe('stale');
    expect(await read('570.26')).toBe('stale');
  });

  it('is that of the later folder, which goes before what somebody once wrote by hand', async () => {
    write('etc/cdi/nvidia.yaml', specOf('580.159.04'));
    write('run/cdi/nvidia.json', JSON.stringify({ kind: 'nvidia.com/gpu', hostPath: '/lib/libcuda.so.570.26' }));
    expect(await read('570.26')).toBe('current');
    expect(await read('580.159.04')).toBe('stale');
    write('run/cdi/nvidia.json', JSON.stringify({ kind: 'vendor.com/gpu' }));
    expect(await read('580.159.04')).toBe('current');
  });

  it('is not told of a folder with more files than are read, nor waited for where a file is a pipe', async () => {
    for (let file = 0; file < 33; file += 1) write(`etc/cdi/nvidia-${file}.yaml`, specOf('580.159.04'));
    expect(await read('580.159.04')).toBeUndefined();
    rmSync(path.join(folder, 'etc/cdi/nvidia-0.yaml'));
    expect(await read('580.159.04')).toBe('current');
    execFileSync('mkfifo', [path.join(folder, 'run.yaml')]);
    expect(await readCdiSpec([folder], '580.159.04')).toBeUndefined();
  });

  it('is not told where there is none, or it names no driver', async () => {
    expect(await read('580.159.04')).toBeUndefined();
    write('etc/cdi/other.yaml', 'kind: vendor.com/gpu\nhostPath: /usr/lib/libcuda.so.1.2.3\n');
    write('etc/cdi/nvidia.yaml', 'kind: nvidia.com/gpu\ndevices: []\n');
    write('etc/cdi/README', specOf('1.2.3'));
    expect(await read('580.159.04')).toBeUndefined();
  });

  it('is missing where there is none of NVIDIA, and everything that writes one is seen', async () => {
    const folders = [path.join(folder, 'etc/cdi'), path.join(folder, 'run/cdi')];
    expect(await readCdiSpec(folders, '580.159.04', true)).toBe('missing');
    expect(await readCdiSpec([], '580.159.04', true)).toBeUndefined();
    expect(await readCdiSpec(folders, null, true)).toBeUndefined();
    write('etc/cdi/other.yaml', 'kind: vendor.com/gpu\n');
    expect(await readCdiSpec(folders, '580.159.04', true)).toBe('missing');
    write('run/cdi/nvidia.yaml', 'kind: nvidia.com/gpu\ndevices: []\n');
    expect(await readCdiSpec(folders, '580.159.04', true)).toBeUndefined();
    write('file', '');
    expect(await readCdiSpec([path.join(folder, 'file')], '580.159.04', true)).toBeUndefined();
  });

  it('is not told where a file cannot be read whole', async () => {
    write('etc/cdi/nvidia.yaml', specOf('580.159.04'));
    write('etc/cdi/large.yaml', ' '.repeat(2 ** 20 + 1));
    expect(await read('580.159.04')).toBeUndefined();
    rmSync(path.join(folder, 'etc/cdi/large.yaml'));
    symlinkSync('nowhere', path.join(folder, 'etc/cdi/broken.yaml'));
    expect(await read('580.159.04')).toBeUndefined();
    rmSync(path.join(folder, 'etc/cdi/broken.yaml'));
    mkdirSync(path.join(folder, 'etc/cdi/folder.yaml'));
    expect(await read('580.159.04')).toBeUndefined();
  });
});
