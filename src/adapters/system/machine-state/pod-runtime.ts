import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { readKernelFile, textOf } from '../kernel-file.ts';

const mostFiles = 32;

/**
 * Whether containerd starts pods by another runtime than that of NVIDIA, by its settings: `config.toml`, then the files of `conf.d` in the order of their
 * names, of which the last one that names a default decides.
 *
 * | settings | a container toolkit is on the machine | |
 * |---|---|---|
 * | none, or those of a containerd that starts no pods (`disabled_plugins = ["cri"]`, as Docker has it) | any | false |
 * | name a runtime of NVIDIA as the default | any | false |
 * | name one, and another as the default, or none, which is runc | any | true |
 * | name none | yes: it was not told to containerd | true |
 * | name none | no: another plugin may hand devices in | false |
 *
 * @param folder `/etc/containerd`
 */
export async function startsByAnother(folder: string, hasToolkit: boolean): Promise<boolean> {
  const more = await readdir(path.join(folder, 'conf.d')).catch(() => []);
  const dropIns = more
    .filter((name) => name.endsWith('.toml'))
    .sort()
    .slice(0, mostFiles);
  const texts: string[] = [];
  for (const name of ['config.toml', ...dropIns.map((file) => path.join('conf.d', file))]) {
    const text = textOf(await readKernelFile(path.join(folder, name)));
    if (text !== null) texts.push(text.replaceAll(/^\s*#.*$/gm, ''));
  }
  if (texts.length === 0 || texts.some((text) => startsNoPods.test(text))) return false;
  const knows = texts.some((text) => ofNvidia.test(text));
  const [chosen = 'runc'] = texts
    .flatMap((text) => [...text.matchAll(chosenRuntime)].map(([, name]) => name ?? ''))
    .slice(-1);
  return (knows || hasToolkit) && !chosen.startsWith('nvidia');
}

const startsNoPods = /^\s*disabled_plugins\s*=\s*\[[^\]]*["'](?:io\.containerd\.grpc\.v1\.)?cri["']/m;
const ofNvidia = /^\s*\[[^\]\n]*\bruntimes\.["']?nvidia/m;
const chosenRuntime = /^\s*default_runtime_name\s*=\s*["']([^"'\n]*)["']/gm;
