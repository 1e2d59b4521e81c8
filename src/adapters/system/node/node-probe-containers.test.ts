import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceState } from '../../../core/pool/device-state.ts';
import { FakeClock } from '../../../testing/fakes/fake-clock.ts';
import { board } from '../../../testing/builders/pools/probed-board.ts';
import { makeNodeProbe, type NodeProbeParts } from './node-probe.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-node-'));
  write('proc/2/comm', 'kthreadd\n');
  write('proc/driver/nvidia/version', 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.148.08  Sun May 4\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): void {
  const location = path.join(folder, file);
  mkdirSync(path.dirname(location), { recursive: true });
  writeFileSync(location, text);
}

async function stateOf(more: Partial<NodeProbeParts>, state?: DeviceState): Promise<DeviceState | undefined> {
  const at = (name: string): string => path.join(folder, name);
  const { facts } = await makeNodeProbe({
    roots: { proc: at('proc'), sys: at('sys'), dev: at('dev') },
    hostName: 'node-1',
    clock: new FakeClock(1000),
    deviceReaders: [
      () =>
        Promise.resolve({
          ...{ kind: 'read', source: 'nvml', incomplete: null, withPrivilege: [] },
          devices: [state === undefined ? board : { ...board, state }],
        }),
    ],
    cdiFolders: [at('cdi')],
    containerPlaces: { kubelet: at('kubelet'), docker: at('docker.sock'), containerd: [at('k3s'), at('containerd')] },
    wslFolders: { mapped: at('wsl'), packaged: [at('lib')] },
    containerToolkit: () => Promise.resolve({ reason: 'not on PATH' }),
    ...more,
  }).probe(new AbortController().signal);
  return facts.devices?.[0]?.state;
}

const without: Partial<NodeProbeParts> = {
  containerToolkit: () => Promise.resolve({ reason: 'not on PATH', defect: 'missing' }),
};

describe('what containers of the machine get', () => {
  it('is nothing where Docker listens and no container toolkit is there', async () => {
    expect(await stateOf(without)).not.toHaveProperty('containerDevices');
    write('docker.sock', '');
    expect(await stateOf(without)).toMatchObject({ containerDevices: 'no-toolkit' });
    write('cdi/nvidia.yaml', 'kind: nvidia.com/gpu\nhostPath: /usr/lib/libcuda.so.570.148.08\n');
    expect(await stateOf(without)).not.toHaveProperty('containerDevices');
  });

  it('is nothing where the program of the toolkit does not load, or may not open the devices', async () => {
    const of = (more: object): Partial<NodeProbeParts> => ({
      containerToolkit: () => Promise.resolve({ version: '1.17.8', mode: 'legacy', noCgroups: false, ...more }),
    });
    expect(await stateOf(of({ defect: 'broken' }))).toMatchObject({ containerDevices: 'broken' });
    write('proc/driver/nvidia/params', 'ModifyDeviceFiles: 1\nDeviceFileMode: 432\n');
    const isRoot = process.getuid?.() === 0;
    expect((await stateOf(of({ hasUser: false })))?.containerDevices).toBe(isRoot ? 'closed' : undefined);
    expect(await stateOf(of({ hasUser: true }))).not.toHaveProperty('containerDevices');
  });
});

describe('the driver of a WSL', () => {
  it('is hidden by packages of a driver for Linux', async () => {
    write('wsl/libcuda.so.1', '');
    write('lib/libcuda.so.465.19.01', '');
    expect(await stateOf({}, { driverLibrary: 'match' })).toMatchObject({ driverLibrary: 'match' });
    write('proc/sys/kernel/osrelease', '5.15.146.1-microsoft-standard-WSL2\n');
    expect(await stateOf({}, { driverLibrary: 'match' })).toMatchObject({ host: 'wsl', driverLibrary: 'foreign' });
    rmSync(path.join(folder, 'lib'), { recursive: true });
    expect(await stateOf({}, { driverLibrary: 'match' })).toMatchObject({ host: 'wsl', driverLibrary: 'match' });
  });
});
