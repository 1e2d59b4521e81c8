import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { readKernelFile, textOf } from '../kernel-file.ts';

const mostFiles = 32;

/**
 * Whether containerd knows a runtime of NVIDIA and starts pods by another, by its settings: `config.toml`, then the files of `conf.d` in the order of
 * their names, of which the last one that names a default decides. False where nothing says so.
 *
 * @param folder `/etc/containerd`
 */
export async function startsByAnother(folder: string): Promise<boolean> {
  const more = await readdir(path.join(folder, 'conf.d')).catch(() => []);
  const files = [
    'config.toml',
    ...more
      .filter((name) => name.endsWith('.toml'))
      .sort()
      .slice(0, mostFiles)
      .map((name) => path.join('conf.d', name)),
  ];
  let knows = false;
  let chosen: string | null = null;
  for (const name of files) {
    const text = (textOf(await readKernelFile(path.join(folder, name))) ?? '').replaceAll(/^\s*#.*$/gm, '');
    knows ||= /^\s*\[[^\]\n]*\bruntimes\.["']?nvidia/m.test(text);
    chosen = [...text.matchAll(/^\s*default_runtime_name\s*=\s*["']([^"'\n]*)["']/gm)].at(-1)?.[1] ?? chosen;
  }
  // Without a default it starts pods by runc.
  return knows && !(chosen ?? 'runc').startsWith('nvidia');
}
