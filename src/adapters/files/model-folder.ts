import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { FetchedModel, ModelSource } from '../../ports/model-source.ts';

export interface ModelFolder {
  readonly name: string;
  /**
   * A `.onnx` file, a folder with one, or a folder with numbered folders of one version each:
   *
   *   model.onnx            the version that the server was started with (1 when nobody says)
   *   1/model.onnx          version 1
   *   2/model.onnx          version 2
   */
  readonly path: string;
  readonly version: number | null;
  /** Relative path to digest. When given, a file that it does not name is not loaded. */
  readonly pinnedFiles: Readonly<Record<string, string>> | null;
}

/** The model source of files on disk. */
export function openModelFolder(folder: ModelFolder): ModelSource {
  return {
    list: async () => [...(await findVersions(folder)).keys()].map((version) => ({ name: folder.name, version })),
    resolve: async (name, version) => (await locate(folder, name, version)).version,
    fetch: async (name, version, signal) => readVerified(folder, (await locate(folder, name, version)).file, signal),
  };
}

async function locate(
  folder: ModelFolder,
  name: string,
  version: number | null,
): Promise<{ readonly version: number; readonly file: string }> {
  if (name !== folder.name) throw unknownModel(name, folder.name);
  const versions = await findVersions(folder);
  const wanted = version ?? folder.version ?? Math.max(...versions.keys());
  const file = versions.get(wanted);
  if (file === undefined) throw unknownVersion(folder, wanted, [...versions.keys()]);
  return { version: wanted, file };
}

/** Version to file, relative to the folder, in ascending order. */
async function findVersions(folder: ModelFolder): Promise<ReadonlyMap<number, string>> {
  const own = folder.version ?? 1;
  const kind = await stat(folder.path).catch((cause: unknown) => {
    throw unreadable(folder.path, cause);
  });
  if (kind.isFile()) return new Map([[own, '']]);
  const found = new Map<number, string>();
  const here = await modelFileIn(folder.path);
  if (here !== null) found.set(own, here);
  for (const entry of await readdir(folder.path, { withFileTypes: true })) {
    if (!entry.isDirectory() || !/^[1-9]\d{0,14}$/.test(entry.name)) continue;
    const file = await modelFileIn(path.join(folder.path, entry.name));
    if (file !== null && !found.has(Number(entry.name))) found.set(Number(entry.name), `${entry.name}/${file}`);
  }
  if (found.size === 0) {
    throw new PlimsollError({
      code: 'model-unknown',
      category: 'not-found',
      message: `${folder.path} holds no model: expected model.onnx, one other .onnx file, or numbered folders with one each`,
      next: 'put the model there, or name another path with --model NAME=PATH',
    });
  }
  return new Map([...found].sort(([a], [b]) => a - b));
}

async function modelFileIn(folder: string): Promise<string | null> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.onnx')).sort();
  if (names.includes('model.onnx')) return 'model.onnx';
  if (names.length > 1) {
    throw new PlimsollError({
      code: 'model-ambiguous',
      category: 'input',
      message: `${folder} holds several models: ${names.join(', ')}`,
      next: 'name the one to serve model.onnx, or give its own path',
    });
  }
  return names[0] ?? null;
}

async function readVerified(folder: ModelFolder, file: string, signal: AbortSignal): Promise<FetchedModel> {
  const shown = file === '' ? path.basename(folder.path) : file;
  const pinned = folder.pinnedFiles?.[shown];
  if (folder.pinnedFiles !== null && pinned === undefined) {
    throw new PlimsollError({
      code: 'model-not-pinned',
      category: 'refused',
      message: `${shown} is not among the pinned files of this release, so it is not loaded`,
      next: 'release that model version instead of loading it by hand',
      details: { file: shown, pinned: Object.keys(folder.pinnedFiles) },
    });
  }
  const location = path.join(folder.path, file);
  const bytes = await readFile(location, { signal }).catch((cause: unknown) => {
    throw unreadable(location, cause);
  });
  const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (pinned !== undefined && pinned !== digest) {
    throw new PlimsollError({
      code: 'model-corrupt',
      category: 'corrupt',
      message: `${shown} is not what was pinned: expected ${pinned}, found ${digest}`,
      next: 'fetch the file again; `plimsoll model verify` finds a corrupt copy in the store',
      details: { file: shown, expected: pinned, actual: digest },
    });
  }
  return { file: shown, digest, verified: pinned !== undefined, bytes };
}

function unreadable(location: string, cause: unknown): PlimsollError {
  const code = (cause as NodeJS.ErrnoException).code;
  return new PlimsollError({
    code: 'model-unreadable',
    category: code === 'ENOENT' ? 'input' : 'unavailable',
    message: `cannot read the model at ${location} (${code ?? String(cause)})`,
    next: code === 'ENOENT' ? 'check the path of --model NAME=PATH' : `ls -l ${location}`,
    cause,
  });
}

function unknownModel(name: string, known: string): PlimsollError {
  return new PlimsollError({
    code: 'model-unknown',
    category: 'not-found',
    message: `unknown model "${name}"; this server has "${known}"`,
    next: `GET /v2/models/${encodeURIComponent(known)} says what it takes and answers`,
  });
}

function unknownVersion(folder: ModelFolder, version: number, known: readonly number[]): PlimsollError {
  return new PlimsollError({
    code: 'model-version-unknown',
    category: 'not-found',
    message: `model "${folder.name}" has no version ${version} in its folder; there is ${known.join(', ')}`,
    next: `GET /v2/models/${encodeURIComponent(folder.name)} lists the versions that are served`,
  });
}
