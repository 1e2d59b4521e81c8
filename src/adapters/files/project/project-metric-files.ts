import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Contract, UserMetric } from '../../../core/contract/contract.ts';
import { featurePaths } from '../../../core/contract/feature-programs.ts';
import type { ArtifactFile } from '../../../core/registry/model-version.ts';
import { readCodeFiles } from './project-code-files.ts';

/**
 * What user-defined metrics are made of: modules, named files, and each argument of a command that is a file below the
 * folder. One that is not there has no digest, and its metric will say so when it runs.
 */
export async function metricFilesOf(
  folder: string,
  metrics: Readonly<Record<string, UserMetric>> | undefined,
): Promise<readonly ArtifactFile[]> {
  return filesOfPrograms(folder, Object.values(metrics ?? {}));
}

/** The same of what computes features; files and folders of `features` have to be there. */
export async function featureFilesOf(folder: string, contract: Contract): Promise<readonly ArtifactFile[]> {
  const own = await readCodeFiles(folder, featurePaths(contract), 'features');
  const found = [...own, ...(await filesOfPrograms(folder, contract.monitoring?.features ?? []))];
  return [...new Map(found.map((file) => [file.path, file])).values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function filesOfPrograms(
  folder: string,
  programs: readonly Pick<UserMetric, 'module' | 'command' | 'files'>[],
): Promise<readonly ArtifactFile[]> {
  if (programs.length === 0) return [];
  const named = programs.flatMap(({ module, command = [], files }) => [
    ...(module === undefined ? [] : [module]),
    ...command,
    ...files,
  ]);
  const present: string[] = [];
  for (const name of new Set(named)) if (await isBelow(folder, name)) present.push(name);
  return readCodeFiles(folder, present);
}

async function isBelow(folder: string, name: string): Promise<boolean> {
  if (path.isAbsolute(name) || path.normalize(name).startsWith('..')) return false;
  const found = await stat(path.join(folder, name)).catch(() => null);
  return found !== null && (found.isFile() || found.isDirectory()) && path.normalize(name) !== '.';
}
