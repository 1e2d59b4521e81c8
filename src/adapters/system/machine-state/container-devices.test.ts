import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
  ])('%s', (_what, grant, answer) => {
    expect(containerDevicesOf({ ...legacy, ...grant })).toBe(answer);
  });

  it('is read from the links of the devices, the first process and the control groups', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-grant-'));
    const roots = { proc: path.join(folder, 'proc'), sys: path.join(folder, 'sys'), dev: path.join(folder, 'dev') };
    const runtime = { mode: 'legacy', version: '1.17.8', noCgroups: false, isRoot: true } as const;
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
