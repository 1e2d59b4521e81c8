import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { FetchedModel, ModelSource } from '../../ports/artifacts/model-source.ts';
import { openRegular } from './regular-file.ts';

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
    fetch: async (name, version, signal) => verified(folder, (await locate(folder, name, version)).file, signal),
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

/**
 * The model file and, where files are pinned, every pinned file beside it: its weights may lie in them. They are hashed as a
 * stream and not held; the runtime reads them again, from the page cache.
 */
async function verified(folder: ModelFolder, file: string, signal: AbortSignal): Promise<FetchedModel> {
  const shown = file === '' ? path.basename(folder.path) : file;
  const { pinnedFiles } = folder;
  if (pinnedFiles !== null && pinnedFiles[shown] === undefined) throw notPinned(shown, pinnedFiles);
  const root = file === '' ? path.dirname(folder.path) : folder.path;
  const inside = path.dirname(shown) === '.' ? '' : `${path.dirname(shown)}/`;
  const beside = Object.keys(pinnedFiles ?? {}).filter((name) => name !== shown && name.startsWith(inside));
  const hashed: HashedFile[] = [];
  for (const name of [shown, ...beside]) {
    const found = await hashFile(path.join(root, name), signal);
    const pinned = pinnedFiles?.[name];
    if (pinned !== undefined && pinned !== found.digest) throw corrupt(name, pinned, found.digest);
    hashed.push(found);
  }
  const [main] = hashed;
  if (main === undefined) throw new Error('the model file is the first of them');
  return {
    file: shown,
    digest: main.digest,
    verified: pinnedFiles !== null,
    sizeBytes: hashed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    content: { modelFile: main.location },
    async requireUnchanged() {
      for (const { location, stamp } of hashed) {
        if ((await stampOf(() => stat(location, { bigint: true }), location)) !== stamp) throw changed(location);
      }
    },
  };
}

interface HashedFile {
  readonly location: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly stamp: string;
}

const chunkBytes = 1 << 20;

async function hashFile(location: string, signal: AbortSignal): Promise<HashedFile> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    const handle = await openRegular(location, location);
    try {
      const stamp = await stampOf(() => handle.stat({ bigint: true }), location);
      const buffer = new Uint8Array(chunkBytes);
      for (;;) {
        signal.throwIfAborted();
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, sizeBytes);
        if (bytesRead === 0) break;
        hash.update(buffer.subarray(0, bytesRead));
        sizeBytes += bytesRead;
      }
      return { location, digest: `sha256:${hash.digest('hex')}`, sizeBytes, stamp };
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof PlimsollError ? thrown : unreadable(location, thrown);
  }
}

/** What changes with the content: not the times of the links, which another replica of the same model makes. */
async function stampOf(look: () => Promise<BigIntStats>, location: string): Promise<string> {
  const { ino, size, mtimeNs } = await look().catch((cause: unknown) => {
    throw unreadable(location, cause);
  });
  return `${ino} ${size} ${mtimeNs}`;
}

function notPinned(shown: string, pinnedFiles: Readonly<Record<string, string>>): PlimsollError {
  return new PlimsollError({
    code: 'model-not-pinned',
    category: 'refused',
    message: `${shown} is not among the pinned files of this release, so it is not loaded`,
    next: 'release that model version instead of loading it by hand',
    details: { file: shown, pinned: Object.keys(pinnedFiles) },
  });
}

function corrupt(shown: string, expected: string, actual: Digest): PlimsollError {
  return new PlimsollError({
    code: 'model-corrupt',
    category: 'corrupt',
    message: `${shown} is not what was pinned: expected ${expected}, found ${actual}`,
    next: nextStep(adapterSteps, 'model-corrupt'),
    details: { file: shown, expected, actual },
  });
}

function changed(location: string): PlimsollError {
  return new PlimsollError({
    code: 'model-changed',
    category: 'corrupt',
    message: `${location} was changed while it was loaded, so that what was loaded is not what was verified`,
    next: 'start the replica again once nothing writes to its files',
  });
}

function unreadable(location: string, cause: unknown): PlimsollError {
  const code = (cause as NodeJS.ErrnoException).code;
  return new PlimsollError({
    code: 'model-unreadable',
    category: code === 'ENOENT' ? 'input' : 'unavailable',
    message: `cannot read the model at ${location} (${code ?? String(cause)})`,
    next: code === 'ENOENT' ? 'check the path of --model NAME=PATH' : 'let the user who runs this read it',
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
