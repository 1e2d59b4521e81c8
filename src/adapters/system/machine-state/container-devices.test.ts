import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { containerDevicesOf, readContainerDevices, type ContainerGrant } from './container-devices.ts';

const legacy: ContainerGrant = {
  mode: 'legacy',
  version: '1.17.8',
  noCgroups: false,
  isRoot: true,
  hasLinks: false,
  isSecond: true,
  bySystemd: true,
  hasKubelet: false,
  isWsl: false,
  defect: null,
  hasDocker: false,
  hasCdi: false,
  hasUser: undefined,
  isOpen: null,
  podRuntime: null,
  kubeletGrant: null,
  isSliced: false,
};

const pods: Partial<ContainerGrant> = { hasKubelet: true, isSliced: true };
const without: Partial<ContainerGrant> = {
  mode: undefined,
  version: null,
  noCgroups: undefined,
  defect: 'missing',
};

describe('what becomes of the devices of a container', () => {
  it.each<[string, Partial<ContainerGrant>, ReturnType<typeof containerDevicesOf>]>([
    ['legacy mode under systemd', {}, 'until-reload'],
    ['legacy mode that checks nothing, under systemd', { mode: 'unchecked' }, 'until-reload'],
    ['legacy mode under systemd, with links', { hasLinks: true }, 'kept'],
    ['legacy mode under another', { bySystemd: false }, undefined],
    ['legacy mode beside a kubelet', { hasKubelet: true }, undefined],
    ['legacy mode without groups, of root', { noCgroups: true }, 'withheld'],
    ['legacy mode without groups, of root, with links', { noCgroups: true, hasLinks: true }, 'withheld'],
    ['legacy mode without groups, of another user', { noCgroups: true, isRoot: false }, undefined],
    ['CDI', { mode: 'cdi' }, 'kept'],
    ['CDI of the runtime', { mode: 'jit-cdi', noCgroups: true }, 'kept'],
    ['a Jetson', { mode: 'csv' }, 'kept'],
    ['a mode that nobody read', { mode: undefined }, undefined],
    ['settings that nobody read', { noCgroups: undefined }, undefined],
    ['control groups of version 1, under systemd', { isSecond: false }, undefined],
    ['an old toolkit', { version: '1.5.1', mode: undefined, noCgroups: undefined }, 'unsupported'],
    ['the last that does not know version 2', { version: '1.7.0' }, 'unsupported'],
    ['the first that does', { version: '1.8.0' }, 'until-reload'],
    ['an old toolkit of another user', { version: '1.5.1', isRoot: false }, undefined],
    ['an old toolkit, control groups of version 1', { version: '1.5.1', mode: undefined, isSecond: false }, undefined],
    ['an old toolkit beside a kubelet', { version: '1.5.1', hasKubelet: true }, 'unsupported'],
    ['under WSL, the last toolkit without a library', { isWsl: true, version: '1.14.3', mode: 'cdi' }, 'partial'],
    ['the same in legacy mode, with links', { isWsl: true, version: '1.14.3', hasLinks: true }, 'partial'],
    ['the same, whose mode nobody read', { isWsl: true, version: '1.13.5', mode: undefined }, 'partial'],
    ['the same without groups', { isWsl: true, version: '1.14.3', noCgroups: true }, 'withheld'],
    ['under WSL, the first toolkit with it', { isWsl: true, version: '1.14.4', mode: 'cdi' }, 'kept'],
    ['under WSL, a toolkit of no version that is known', { isWsl: true, version: null, mode: 'cdi' }, 'kept'],
    ['the last toolkit without it on another Linux', { version: '1.14.3', mode: 'cdi' }, 'kept'],
    ['a toolkit of no version that is known', { version: null }, 'until-reload'],
    ['Docker without a toolkit', { ...without, hasDocker: true }, 'no-toolkit'],
    ['neither Docker nor a toolkit', without, undefined],
    ['Docker without a toolkit, with a specification of CDI', { ...without, hasDocker: true, hasCdi: true }, undefined],
    ['Docker without a toolkit beside a kubelet', { ...without, hasDocker: true, hasKubelet: true }, undefined],
    ['Docker with a toolkit', { hasDocker: true, hasLinks: true }, 'kept'],
    ['a toolkit that does not load', { defect: 'broken' }, 'broken'],
    ['the same, whose mode nobody read', { defect: 'broken', mode: undefined, noCgroups: undefined }, 'broken'],
    [
      'the same that checks nothing, beside a kubelet',
      { defect: 'broken', mode: 'unchecked', hasKubelet: true },
      'broken',
    ],
    ['the same with CDI, which does without it', { defect: 'broken', mode: 'cdi' }, 'kept'],
    ['the same with CDI of the runtime', { defect: 'broken', mode: 'jit-cdi' }, 'kept'],
    ['device files that are not for everybody', { isOpen: false, hasUser: false }, 'closed'],
    ['the same with links', { isOpen: false, hasUser: false, hasLinks: true }, 'closed'],
    ['the same with a user', { isOpen: false, hasUser: true, hasLinks: true }, 'kept'],
    ['the same, whose user nobody read', { isOpen: false, hasLinks: true }, 'kept'],
    ['the same of another user than root', { isOpen: false, hasUser: false, hasLinks: true, isRoot: false }, 'kept'],
    ['the same with CDI', { isOpen: false, hasUser: false, mode: 'cdi' }, 'kept'],
    ['device files that are for everybody', { isOpen: true, hasUser: false, hasLinks: true }, 'kept'],
    ['device files that nobody read', { hasUser: false, hasLinks: true }, 'kept'],
    ['pods that another runtime starts', { podRuntime: 'other-runtime', hasKubelet: true }, 'other-runtime'],
    ['the same with links', { podRuntime: 'other-runtime', hasKubelet: true, hasLinks: true }, 'other-runtime'],
    ['the same without groups', { podRuntime: 'other-runtime', hasKubelet: true, noCgroups: true }, 'withheld'],
    ['a device plugin that names no devices', { ...pods, kubeletGrant: 'unnamed' }, 'until-reload'],
    ['the same with links', { ...pods, kubeletGrant: 'unnamed', hasLinks: true }, 'kept'],
    ['the same whose pods systemd does not hold', { ...pods, kubeletGrant: 'unnamed', isSliced: false }, undefined],
    ['the same with control groups of version 1', { ...pods, kubeletGrant: 'unnamed', isSecond: false }, undefined],
    ['the same without systemd', { ...pods, kubeletGrant: 'unnamed', bySystemd: false }, undefined],
    ['the same with CDI of the runtime', { ...pods, kubeletGrant: 'unnamed', mode: 'jit-cdi' }, 'kept'],
    ['a device plugin that names devices', { ...pods, kubeletGrant: 'named' }, undefined],
    ['a device plugin of which nothing is known', pods, undefined],
    [
      'the same with a specification of CDI',
      { podRuntime: 'other-runtime', hasKubelet: true, hasCdi: true },
      undefined,
    ],
    [
      'the same whose specifications nobody read',
      { podRuntime: 'other-runtime', hasKubelet: true, hasCdi: null },
      'other-runtime',
    ],
    [
      'the same whose device plugin names devices',
      { podRuntime: 'other-runtime', ...pods, kubeletGrant: 'named' },
      undefined,
    ],
    [
      'the same whose device plugin names none',
      { podRuntime: 'other-runtime', ...pods, kubeletGrant: 'unnamed' },
      'until-reload',
    ],
    [
      'Docker without a toolkit, whose specifications nobody read',
      { ...without, hasDocker: true, hasCdi: null },
      undefined,
    ],
    [
      'pods that another runtime starts, to which nobody told that of NVIDIA',
      { podRuntime: 'untold-runtime', hasKubelet: true },
      'untold-runtime',
    ],
    ['another runtime without a kubelet', { podRuntime: 'other-runtime', hasLinks: true }, 'kept'],
  ])('%s', (_what, grant, answer) => {
    expect(containerDevicesOf({ ...legacy, ...grant })).toBe(answer);
  });

  it('is read from the links of the devices, the first process and the control groups', async () => {
    const { folder, roots, read, places } = makeMachine();
    expect(await read()).toBeUndefined();
    mkdirSync(path.join(roots.proc, '1'), { recursive: true });
    writeFileSync(path.join(roots.proc, '1/comm'), 'systemd\n');
    expect(await read()).toBeUndefined();
    mkdirSync(path.join(roots.sys, 'fs/cgroup'), { recursive: true });
    writeFileSync(path.join(roots.sys, 'fs/cgroup/cgroup.controllers'), 'cpu memory\n');
    expect(await read()).toBe('until-reload');
    mkdirSync(places.kubelet);
    expect(await read()).toBeUndefined();
    mkdirSync(path.join(roots.dev, 'char'), { recursive: true });
    symlinkSync('../nvidiactl', path.join(roots.dev, 'char/195:255'));
    expect(await read()).toBe('kept');
    rmSync(folder, { recursive: true });
  });

  it('is read from Docker on the machine itself', async () => {
    const { folder, read, places } = makeMachine();
    expect(await read(without)).toBeUndefined();
    writeFileSync(places.docker, '');
    expect(await read(without)).toBe('no-toolkit');
    expect(await read(without, false)).toBeUndefined();
    rmSync(folder, { recursive: true });
  });

  it.each<[string, string | null, number, ReturnType<typeof containerDevicesOf>]>([
    ['the driver gives a mode for its group', 'ModifyDeviceFiles: 1\nDeviceFileMode: 432\n', 0o666, 'closed'],
    ['the driver gives a mode for reading alone', 'ModifyDeviceFiles: 1\nDeviceFileMode: 436\n', 0o666, 'closed'],
    ['the driver gives a mode for everybody', 'ModifyDeviceFiles: 1\nDeviceFileMode: 438\n', 0o660, undefined],
    ['the driver leaves a file for its group', 'ModifyDeviceFiles: 0\nDeviceFileMode: 438\n', 0o660, 'closed'],
    ['the driver leaves a file for everybody', 'ModifyDeviceFiles: 0\nDeviceFileMode: 432\n', 0o666, undefined],
    ['the driver tells no mode', 'ModifyDeviceFiles: 1\n', 0o660, undefined],
    ['the driver tells nothing', null, 0o660, undefined],
  ])('is read from the device files: %s', async (_what, params, mode, answer) => {
    const { folder, roots, read } = makeMachine();
    mkdirSync(path.join(roots.proc, 'driver/nvidia'), { recursive: true });
    if (params !== null) writeFileSync(path.join(roots.proc, 'driver/nvidia/params'), `Mobile: 1\n${params}`);
    mkdirSync(roots.dev, { recursive: true });
    writeFileSync(path.join(roots.dev, 'nvidiactl'), '');
    chmodSync(path.join(roots.dev, 'nvidiactl'), mode);
    expect(await read({ hasUser: false })).toBe(answer);
    rmSync(folder, { recursive: true });
  });

  it('is read from the checkpoint of the kubelet', async () => {
    const { folder, roots, read, places } = makeMachine();
    for (const name of ['proc/1', 'sys/fs/cgroup/kubepods.slice', 'kubelet/device-plugins']) {
      mkdirSync(path.join(folder, name), { recursive: true });
    }
    writeFileSync(path.join(roots.proc, '1/comm'), 'systemd\n');
    writeFileSync(path.join(roots.sys, 'fs/cgroup/cgroup.controllers'), 'cpu memory\n');
    expect(await read()).toBeUndefined();
    const entry = { ResourceName: 'nvidia.com/gpu', AllocResp: Buffer.from([0x0a, 0]).toString('base64') };
    writeFileSync(
      path.join(places.kubelet, 'device-plugins/kubelet_internal_checkpoint'),
      JSON.stringify({ Data: { PodDeviceEntries: [entry] } }),
    );
    expect(await read()).toBe('until-reload');
    rmSync(folder, { recursive: true });
  });

  it('is read from the settings of containerd beside a kubelet', async () => {
    const { folder, read, places } = makeMachine();
    mkdirSync(places.kubelet);
    mkdirSync(places.containerd);
    writeFileSync(path.join(places.containerd, 'config.toml'), known);
    expect(await read()).toBe('other-runtime');
    rmSync(folder, { recursive: true });
  });
});

function makeMachine() {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-grant-'));
  const roots = { proc: path.join(folder, 'proc'), sys: path.join(folder, 'sys'), dev: path.join(folder, 'dev') };
  const places = {
    kubelet: path.join(folder, 'kubelet'),
    docker: path.join(folder, 'docker.sock'),
    containerd: path.join(folder, 'containerd'),
  };
  const runtime: Parameters<typeof readContainerDevices>[1] = {
    ...legacy,
    defect: null,
  };
  const read = (more: Partial<ContainerGrant> = {}, isOwn = true) =>
    readContainerDevices(roots, { ...runtime, ...more }, { ...places, containerd: [places.containerd] }, isOwn);
  return { folder, roots, places, read };
}

const known =
  '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia]\n  runtime_type = "io.containerd.runc.v2"\n';
