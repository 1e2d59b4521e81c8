import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { containerDevicesOf, readContainerDevices, type ContainerGrant } from './container-devices.ts';

const legacy: ContainerGrant = {
  mode: 'legacy',
  noCgroups: false,
  isRoot: true,
  hasLinks: false,
  bySystemd: true,
  hasKubelet: false,
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
  ])('%s', (_what, grant, answer) => {
    expect(containerDevicesOf({ ...legacy, ...grant })).toBe(answer);
  });

  it('is read from the links of the devices, the first process and the control groups', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-grant-'));
    const roots = { proc: path.join(folder, 'proc'), sys: path.join(folder, 'sys'), dev: path.join(folder, 'dev') };
    const runtime = { mode: 'legacy', noCgroups: false, isRoot: true } as const;
    const kubelet = path.join(folder, 'kubelet');
    const read = () => readContainerDevices(roots, runtime, kubelet);
    expect(await read()).toBeUndefined();
    mkdirSync(path.join(roots.proc, '1'), { recursive: true });
    writeFileSync(path.join(roots.proc, '1/comm'), 'systemd\n');
    expect(await read()).toBeUndefined();
    mkdirSync(path.join(roots.sys, 'fs/cgroup'), { recursive: true });
    writeFileSync(path.join(roots.sys, 'fs/cgroup/cgroup.controllers'), 'cpu memory\n');
    expect(await read()).toBe('until-reload');
    mkdirSync(kubelet);
    expect(await read()).toBeUndefined();
    mkdirSync(path.join(roots.dev, 'char'), { recursive: true });
    symlinkSync('../nvidiactl', path.join(roots.dev, 'char/195:255'));
    expect(await read()).toBe('kept');
    rmSync(folder, { recursive: true });
  });
});
