import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startsByAnother } from './pod-runtime.ts';

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

describe('whether containerd starts pods by another runtime than that of NVIDIA', () => {
  it.each<[string, Readonly<Record<string, string>>, boolean]>([
    ['no settings', {}, false],
    ['settings that name no runtime of NVIDIA', { 'config.toml': chosen('runc') }, false],
    ['one that is known, and no default', { 'config.toml': nvidia }, true],
    ['one that is known, of newer settings', { 'config.toml': newer }, true],
    ['one that is known, and runc as the default', { 'config.toml': chosen('runc') + nvidia }, true],
    ['one that is the default', { 'config.toml': chosen('nvidia') + nvidia }, false],
    ['one of CDI that is the default', { 'config.toml': chosen('nvidia-cdi') + nvidia }, false],
    ['one that is known in a comment', { 'config.toml': nvidia.replace('[', '# [') }, false],
    ['a default in a comment', { 'config.toml': `# default_runtime_name = "nvidia"\n${nvidia}` }, true],
    [
      'one that another file makes the default',
      { 'config.toml': chosen('runc'), 'conf.d/99-nvidia.toml': chosen('nvidia') + nvidia },
      false,
    ],
    ['one that another file names', { 'config.toml': chosen('runc'), 'conf.d/99-nvidia.toml': nvidia }, true],
    [
      'a default that a later file takes back',
      { 'conf.d/10-a.toml': chosen('nvidia') + nvidia, 'conf.d/20-b.toml': chosen('runc') },
      true,
    ],
    ['a file of another kind', { 'config.toml': nvidia, 'conf.d/99-nvidia.toml.bak': chosen('nvidia') }, true],
    ['damaged settings', { 'config.toml': '[[[\u0000' }, false],
  ])('%s', async (_what, files, answer) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    expect(await startsByAnother(folder, false)).toBe(answer);
  });

  it.each<[string, string, boolean]>([
    ['name no runtime of NVIDIA', chosen('runc'), true],
    ['are empty', '', true],
    ['name one of NVIDIA as the default', chosen('nvidia'), false],
    ['are those of Docker, whose containerd starts no pods', 'disabled_plugins = ["cri"]\n', false],
    [
      'turn the plugin for pods off by its whole name',
      'disabled_plugins = [\n  "x", "io.containerd.grpc.v1.cri"]\n',
      false,
    ],
    ['turn another plugin off', 'disabled_plugins = ["io.containerd.internal.v1.opt"]\n', true],
  ])('beside a container toolkit, where settings %s', async (_what, text, answer) => {
    writeFileSync(path.join(folder, 'config.toml'), text);
    expect(await startsByAnother(folder, true)).toBe(answer);
  });

  it('is false where there is no such folder', async () => {
    expect(await startsByAnother(path.join(folder, 'none'), true)).toBe(false);
  });
});
