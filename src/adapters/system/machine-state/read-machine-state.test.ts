import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeRoots } from '../node/node-roots.ts';
import { nodeRoots } from '../node/node-roots.ts';
import { readMachineState } from './read-machine-state.ts';

let folder: string;
let roots: NodeRoots;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-machine-'));
  roots = { proc: path.join(folder, 'proc'), sys: path.join(folder, 'sys'), dev: path.join(folder, 'dev') };
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(file: string, content: string | Uint8Array): void {
  const location = path.join(folder, file);
  mkdirSync(path.dirname(location), { recursive: true });
  writeFileSync(location, content);
}

const read = (searchPath = '') => readMachineState(roots, searchPath);

describe('the state of a machine', () => {
  it('is empty where nothing can be read', async () => {
    expect(await read()).toEqual({});
  });

  it.each([
    ['nvidia 1 2\nnvidia_uvm 3 4\n', false, 'loaded'],
    ['nvidia 1 2\n', true, 'loaded'],
    ['nvidia 1 2\n', false, 'missing'],
    ['nvidia_drm 1 2\nnouveau 1 2\n', false, undefined],
    ['nvidia 1 2 nvidia_uvm,\n', false, 'missing'],
  ])('modules %j, device file %j: nvidia_uvm is %s', async (modules, file, uvm) => {
    write('proc/modules', modules);
    if (file) write('dev/nvidia-uvm', '');
    expect((await read()).uvm).toBe(uvm);
  });

  it('does not say that nvidia_uvm is missing where CUDA loads it itself', async () => {
    write('proc/modules', 'nvidia 1 2\n');
    write('bin/nvidia-modprobe', '');
    const bin = path.join(folder, 'bin');
    expect((await read(`/nowhere:${bin}`)).uvm).toBe('missing');
    chmodSync(path.join(bin, 'nvidia-modprobe'), 0o755);
    expect((await read(`/nowhere:${bin}`)).uvm).toBeUndefined();
  });

  it('tells a network of RDMA by a port that is up', async () => {
    mkdirSync(path.join(roots.sys, 'class'), { recursive: true });
    expect((await read()).rdma).toBe('none');
    write('sys/class/infiniband/mlx5_0/ports/1/state', '1: DOWN\n');
    expect((await read()).rdma).toBe('none');
    write('sys/class/infiniband/mlx5_1/ports/1/state', '4: ACTIVE\n');
    expect((await read()).rdma).toBe('active');
  });

  it.each([
    ['8388608', 8_388_608],
    ['unlimited', 2 ** 50],
    ['18446744073709551615', 2 ** 50],
    ['many', undefined],
  ])('a process may lock %s bytes', async (soft, bytes) => {
    write(
      'proc/self/limits',
      `Max processes  1  1  processes\nMax locked memory         ${soft}    unlimited     bytes\n`,
    );
    expect((await read()).memlockBytes).toBe(bytes);
  });

  it('tells the size of a page from the auxiliary vector', async () => {
    const vector = new BigUint64Array([33n, 7n, 6n, 65_536n, 0n, 0n]);
    write('proc/self/auxv', new Uint8Array(vector.buffer));
    expect((await read()).pageBytes).toBe(65_536);
    write('proc/self/auxv', new Uint8Array(vector.buffer, 0, 24));
    expect((await read()).pageBytes).toBeUndefined();
    write('proc/self/auxv', new Uint8Array(0));
    expect((await read()).pageBytes).toBeUndefined();
  });

  it('adds up huge pages of all sizes, and tells none where a number cannot be read', async () => {
    mkdirSync(path.join(roots.sys, 'kernel/mm/hugepages'), { recursive: true });
    expect((await read()).hugePageBytes).toBe(0);
    write('sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages', '4\n');
    write('sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages', '1\n');
    expect((await read()).hugePageBytes).toBe(8 * 2 ** 20 + 2 ** 30);
    write('sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages', 'some\n');
    expect((await read()).hugePageBytes).toBeUndefined();
  });

  it('is read from this machine', async () => {
    const state = await readMachineState(nodeRoots, '');
    expect([4096, 16_384, 65_536]).toContain(state.pageBytes);
    expect(state.memlockBytes).toBeGreaterThan(0);
  });
});

describe('NVSwitches of a machine', () => {
  it('are none where the driver lists none, and not told without a driver', async () => {
    expect((await read()).nvSwitches).toBeUndefined();
    write('proc/modules', 'nouveau 1 2\n');
    expect((await read()).nvSwitches).toBeUndefined();
    write('proc/modules', 'nvidia 1 2\n');
    expect((await read()).nvSwitches).toBe('none');
  });

  it('are managed where the process of the Fabric Manager is there', async () => {
    write('proc/modules', 'nvidia 1 2\n');
    write('proc/driver/nvidia-nvswitch/devices/0000:c1:00.0', '');
    // In a container the processes of the machine are not seen.
    write('proc/1/comm', 'bash\n');
    expect((await read()).nvSwitches).toBeUndefined();
    write('proc/2/comm', 'kthreadd\n');
    expect((await read()).nvSwitches).toBe('unmanaged');
    write('proc/4711/comm', 'nv-fabricmanage\n');
    expect((await read()).nvSwitches).toBe('managed');
  });
});

describe('the Windows Subsystem for Linux', () => {
  it.each([
    ['5.15.146.1-microsoft-standard-WSL2', 'wsl'],
    ['4.4.0-19041-Microsoft', 'wsl'],
    ['6.8.0-45-generic', undefined],
  ])('a kernel %s', async (release, host) => {
    write('proc/sys/kernel/osrelease', `${release}\n`);
    expect((await read()).host).toBe(host);
  });
});
