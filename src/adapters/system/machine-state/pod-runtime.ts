import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { readKernelFile, textOf } from '../kernel-file.ts';

const mostFiles = 32;

/** `other-runtime`: a pod gets that of NVIDIA by a runtime class alone. `untold-runtime`: containerd does not know that of NVIDIA. */
export type PodRuntime = 'other-runtime' | 'untold-runtime';

/**
 * By which runtime containerd starts pods, by its settings: `config.toml`, then the files of `conf.d` and of what it imports in the order of their
 * names, of which the last one that names a default decides. Null where it is that of NVIDIA, or nothing tells that it is not.
 *
 * | settings | a container toolkit is on the machine | |
 * |---|---|---|
 * | none, or those of a containerd that starts no pods (`disabled_plugins = ["cri"]`, as Docker has it) | any | null |
 * | name a runtime of NVIDIA as the default | any | null |
 * | name one, and another as the default, or none, which is runc | any | other-runtime |
 * | name none | yes: it was not told to containerd | untold-runtime |
 * | name none | no: another plugin may hand devices in | null |
 *
 * @param folders such as `/etc/containerd`; the first that has settings counts.
 */
export async function readPodRuntime(folders: readonly string[], hasToolkit: boolean): Promise<PodRuntime | null> {
  const texts = await readSettings(folders);
  if (texts.length === 0 || texts.some((text) => startsNoPods.test(text))) return null;
  const [chosen = 'runc'] = texts
    .flatMap((text) => [...text.matchAll(chosenRuntime)].map(([, name]) => name ?? ''))
    .slice(-1);
  if (chosen.startsWith('nvidia')) return null;
  if (texts.some((text) => ofNvidia.test(text))) return 'other-runtime';
  return hasToolkit ? 'untold-runtime' : null;
}

/** Texts of the first folder that has settings, in the order in which containerd takes them, without comments. */
async function readSettings(folders: readonly string[]): Promise<readonly string[]> {
  for (const folder of folders) {
    const main = await readSettingsFile(path.join(folder, 'config.toml'));
    const imported = importedFolders.filter((name) => main?.includes(`/${name}/*.toml`));
    const texts = main === null ? [] : [main];
    for (const name of ['conf.d', ...imported]) texts.push(...(await readDropIns(path.join(folder, name))));
    if (texts.length > 0) return texts;
  }
  return [];
}

async function readDropIns(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.toml')).sort();
  const texts: string[] = [];
  for (const name of names.slice(0, mostFiles)) {
    const text = await readSettingsFile(path.join(folder, name));
    if (text !== null) texts.push(text);
  }
  return texts;
}

async function readSettingsFile(file: string): Promise<string | null> {
  return textOf(await readKernelFile(file))?.replaceAll(/^\s*#.*$/gm, '') ?? null;
}

/** Folders that K3s and RKE2 name in `imports`, since k3s pull request 13680 (2026-02-25). */
const importedFolders = ['config.toml.d', 'config-v3.toml.d'];
const startsNoPods = /^\s*disabled_plugins\s*=\s*\[[^\]]*["'](?:io\.containerd\.grpc\.v1\.)?cri["']/m;
const ofNvidia = /^\s*\[[^\]\n]*\bruntimes\.["']?nvidia/m;
const chosenRuntime = /^\s*default_runtime_name\s*=\s*["']([^"'\n]*)["']/gm;
