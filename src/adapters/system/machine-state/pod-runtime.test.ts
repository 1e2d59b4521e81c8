import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPodRuntime, type PodRuntime } from './pod-runtime.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-containerd-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const nvidia =
  '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia]\nprivileged_without_host_devices = false\n';
const newer =
  "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.nvidia.options]\nBinaryName = '/usr/bin/nvidia-container-runtime'\n";
const chosen = (name: string): string =>
  `[plugins."io.containerd.grpc.v1.cri".containerd]\ndefault_runtime_name = "${name}"\n`;

describe('by which runtime containerd starts pods', () => {
  it.each<[string, Readonly<Record<string, string>>, PodRuntime | null]>([
    ['no settings', {}, null],
    ['settings that name no runtime of NVIDIA', { 'config.toml': chosen('runc') }, null],
    ['one that is known, and no default', { 'config.toml': nvidia }, 'other-runtime'],
    ['one that is known, of newer settings', { 'config.toml': newer }, 'other-runtime'],
    ['one that is known, and runc as the default', { 'config.toml': chosen('runc') + nvidia }, 'other-runtime'],
    ['one that is the default', { 'config.toml': chosen('nvidia') + nvidia }, null],
    ['one of CDI that is the default', { 'config.toml': chosen('nvidia-cdi') + nvidia }, null],
    ['one that is known in a comment', { 'config.toml': nvidia.replace('[', '# [') }, null],
    ['a default in a comment', { 'config.toml': `# default_runtime_name = "nvidia"\n${nvidia}` }, 'other-runtime'],
    [
      'one that another file makes the default',
      { 'config.toml': chosen('runc'), 'conf.d/99-nvidia.toml': chosen('nvidia') + nvidia },
      null,
    ],
    [
      'one that another file names',
      { 'config.toml': chosen('runc'), 'conf.d/99-nvidia.toml': nvidia },
      'other-runtime',
    ],
    [
      'a default that a later file takes back',
      { 'conf.d/10-a.toml': chosen('nvidia') + nvidia, 'conf.d/20-b.toml': chosen('runc') },
      'other-runtime',
    ],
    [
      'a file of another kind',
      { 'config.toml': nvidia, 'conf.d/99-nvidia.toml.bak': chosen('nvidia') },
      'other-runtime',
    ],
    ['damaged settings', { 'config.toml': '[[[\u0000' }, null],
    [
      'one that an imported file of K3s makes the default',
      {
        'config.toml': `imports = ["/k3s/config-v3.toml.d/*.toml"]\n${newer}`,
        'config-v3.toml.d/99.toml': chosen('nvidia'),
      },
      null,
    ],
    [
      'a file of K3s that nothing imports',
      { 'config.toml': newer, 'config-v3.toml.d/99.toml': chosen('nvidia') },
      'other-runtime',
    ],
  ])('%s', async (_what, files, answer) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    expect(await readPodRuntime([folder], false)).toBe(answer);
  });

  it.each<[string, string, PodRuntime | null]>([
    ['name no runtime of NVIDIA', chosen('runc'), 'untold-runtime'],
    ['are empty', '', 'untold-runtime'],
    ['name one of NVIDIA', nvidia, 'other-runtime'],
    ['name one of NVIDIA as the default', chosen('nvidia'), null],
    ['are those of Docker, whose containerd starts no pods', 'disabled_plugins = ["cri"]\n', null],
    [
      'turn the plugin for pods off by its whole name',
      'disabled_plugins = [\n  "x", "io.containerd.grpc.v1.cri"]\n',
      null,
    ],
    ['turn another plugin off', 'disabled_plugins = ["io.containerd.internal.v1.opt"]\n', 'untold-runtime'],
  ])('beside a container toolkit, where settings %s', async (_what, text, answer) => {
    writeFileSync(path.join(folder, 'config.toml'), text);
    expect(await readPodRuntime([folder], true)).toBe(answer);
  });

  it('are read of the first folder that has any', async () => {
    const own = path.join(folder, 'k3s');
    writeFileSync(path.join(folder, 'config.toml'), chosen('nvidia'));
    expect(await readPodRuntime([own, folder], true)).toBeNull();
    mkdirSync(own);
    expect(await readPodRuntime([own, folder], true)).toBeNull();
    writeFileSync(path.join(own, 'config.toml'), newer);
    expect(await readPodRuntime([own, folder], true)).toBe('other-runtime');
  });

  it('is not known where there is no such folder', async () => {
    expect(await readPodRuntime([path.join(folder, 'none')], true)).toBeNull();
  });
});
