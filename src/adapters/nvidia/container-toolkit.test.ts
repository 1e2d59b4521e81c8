import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readContainerToolkit } from './container-toolkit.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-toolkit-'));
  for (const name of ['bin', 'toolkit']) mkdirSync(path.join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, script: string): void {
  writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(path.join(folder, name), 0o755);
}

const read = () =>
  readContainerToolkit(path.join(folder, 'bin'), new AbortController().signal, [path.join(folder, 'toolkit')]);

const ctk = (config: string, version = '1.17.8'): string =>
  `case "$1" in --version) echo "NVIDIA Container Toolkit CLI version ${version}";; *) printf '${config}';; esac`;
const works = 'echo "cli-version: 1.17.8"';
const noGlibc =
  'echo "nvidia-container-cli.real: /lib64/libc.so.6: version \\`GLIBC_2.27\' not found (required by libnvidia-container.so.1)" >&2; exit 1';

describe('the container toolkit', () => {
  it('is missing where none of its programs is there', async () => {
    expect(await read()).toEqual({ reason: expect.stringContaining('neither nvidia-ctk'), defect: 'missing' });
  });

  it.each(['nvidia-ctk', 'nvidia-container-runtime-hook', 'nvidia-container-runtime', 'nvidia-container-toolkit'])(
    'is there with %s alone',
    async (name) => {
      write(`toolkit/${name}`, 'exit 1');
      expect(await read()).not.toHaveProperty('defect');
    },
  );

  it('tells its version, its mode and whether it names a user', async () => {
    write(
      'bin/nvidia-ctk',
      ctk('[nvidia-container-cli]\\nuser = "root:video"\\n[nvidia-container-runtime]\\nmode = "legacy"\\n'),
    );
    write('bin/nvidia-container-cli', works);
    expect(await read()).toEqual({ version: '1.17.8', mode: 'legacy', noCgroups: false, hasUser: true });
    write('bin/nvidia-ctk', ctk('[nvidia-container-cli]\\n#user = "root:video"\\n'));
    expect(await read()).toMatchObject({ hasUser: false });
  });

  it.each([
    ['its glibc is too old', noGlibc],
    ['a library is missing', 'echo "error while loading shared libraries: libnvidia-container.so.1" >&2; exit 127'],
  ])('is broken where %s, also where it lies in the folder of the GPU Operator', async (_what, script) => {
    write('toolkit/nvidia-container-cli', script);
    expect(await read()).toMatchObject({ defect: 'broken' });
    write('bin/nvidia-ctk', ctk(''));
    expect(await read()).toMatchObject({ version: '1.17.8', defect: 'broken' });
  });

  it.each([
    ['is not there', '1.14.6', '@/plimsoll/ldconfig.real', 'broken'],
    ['is not there, with a newer toolkit', '1.17.8', '@/plimsoll/ldconfig.real', 'broken'],
    ['is there', '1.14.6', '@FOLDER/bin/ldconfig', undefined],
    ['is there under its other name', '1.14.6', '@FOLDER/bin/ldconfig.real', 'broken'],
    ['is there under its other name, with a newer toolkit', '1.15.0', '@FOLDER/bin/ldconfig.real', undefined],
    ['is that of the container', '1.14.6', '/plimsoll/ldconfig.real', undefined],
  ])(
    'is broken only where the ldconfig of the machine is missing: one that %s',
    async (_what, version, ldconfig, defect) => {
      const setting = `[nvidia-container-cli]\\nldconfig = "${ldconfig.replace('FOLDER', folder)}"\\n`;
      write('bin/nvidia-ctk', ctk(setting, version));
      write('bin/nvidia-container-cli', works);
      write('bin/ldconfig', 'exit 0');
      const reading = await read();
      expect(reading).toMatchObject({ version });
      expect(reading.defect).toBe(defect);
    },
  );

  it.each([
    ['fails for another reason', 'echo "permission error" >&2; exit 1'],
    ['warns and works', `echo "version \\\`GLIBC_2.27' not found" >&2; ${works}`],
  ])('is not broken where it %s', async (_what, script) => {
    write('toolkit/nvidia-container-cli', script);
    expect(await read()).not.toHaveProperty('defect');
  });
});
