import { describe, expect, it } from 'vitest';
import { cdiFoldersOf, leavesCgroups, runtimeModeOf } from './runtime-mode.ts';

/** As `nvidia-ctk config` prints it. */
const config = (
  mode: string,
  first = '#disable-require = false',
) => `#accept-nvidia-visible-devices-envvar-when-unprivileged = true
${first}
supported-driver-capabilities = "compat32,compute,display,graphics,ngx,utility,video"

[nvidia-container-cli]
load-kmods = true
mode = "another"

[nvidia-container-runtime]
#debug = "/var/log/nvidia-container-runtime.log"
log-level = "info"
mode = "${mode}"
runtimes = ["runc", "crun"]

[nvidia-container-runtime.modes.cdi]
default-kind = "nvidia.com/gpu"
`;

describe('the control group of a container', () => {
  it.each([
    ['no-cgroups = true', true],
    ['no-cgroups = false', false],
    ['#no-cgroups = true', false],
    ['', false],
  ])('%s', (line, left) => {
    expect(leavesCgroups(config('auto').replace('load-kmods = true', line))).toBe(left);
  });

  it('is not that of another table', () => {
    expect(leavesCgroups(`${config('auto')}\nno-cgroups = true\n`)).toBe(false);
  });
});

describe('the folders of CDI', () => {
  it.each([
    ['spec-dirs = ["/etc/cdi", "/opt/cdi"]', ['/etc/cdi', '/opt/cdi']],
    ['spec-dirs = ["/opt/cdi"] # ours', ['/opt/cdi']],
    ['spec-dirs = []', undefined],
    ['spec-dirs = ["relative"]', undefined],
    ['#spec-dirs = ["/opt/cdi"]', undefined],
    ['', undefined],
  ] as const)('%s', (line, folders) => {
    expect(cdiFoldersOf(`${config('cdi')}${line}\n`)).toEqual(folders);
  });

  it('are not those of another table', () => {
    expect(cdiFoldersOf(`${config('cdi')}\n[other]\nspec-dirs = ["/opt/cdi"]\n`)).toBeUndefined();
  });
});

describe('the mode of the container runtime', () => {
  it.each([
    ['auto', '1.17.8', 'legacy'],
    ['auto', '1.18.0', 'jit-cdi'],
    ['auto', '1.20.1', 'jit-cdi'],
    ['auto', null, undefined],
    ['legacy', '1.18.0', 'legacy'],
    ['cdi', '1.17.8', 'cdi'],
    ['csv', null, 'csv'],
    ['jit-cdi', null, 'jit-cdi'],
    ['invented', '1.18.0', undefined],
  ] as const)('%s of toolkit %s', (mode, version, expected) => {
    expect(runtimeModeOf(config(mode), version)).toBe(expected);
  });

  it('is unchecked where legacy is told not to check', () => {
    expect(runtimeModeOf(config('legacy', 'disable-require = true'), '1.17.8')).toBe('unchecked');
    expect(runtimeModeOf(config('auto', 'disable-require = true'), '1.17.8')).toBe('unchecked');
    expect(runtimeModeOf(config('cdi', 'disable-require = true'), '1.17.8')).toBe('cdi');
  });

  it('is not known where nothing names it', () => {
    expect(runtimeModeOf('', '1.17.8')).toBeUndefined();
    expect(runtimeModeOf('mode = "legacy"', '1.17.8')).toBeUndefined();
  });
});
