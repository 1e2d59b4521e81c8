import { constants } from 'node:fs';
import { chmod, copyFile, link, mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { ArtifactFile } from '../../../core/registry/model-version.ts';
import type { Blobs } from '../../../ports/artifacts/blobs.ts';

/**
 * Lays the files of a model version out under their own names, read-only. Each blob is verified at this moment, so a
 * replica never starts from bytes that are not what their digest says. Weights are large: the file shares the blob's
 * blocks (reflink) or its inode (hard link) where the file system can, and is a copy otherwise. Returns the bytes that it verified.
 * @throws PlimsollError as `Blobs.verifiedPath`; `artifact-path` (input).
 */
export async function layOutModel(
  blobs: Blobs,
  files: readonly ArtifactFile[],
  folder: string,
  signal: AbortSignal,
): Promise<number> {
  return eachFile(blobs, files, folder, signal, async (blob, target) => {
    await shareOrCopy(blob, target);
    await chmod(target, 0o444);
  });
}

/** Files of the code are copies: a program may write beside itself, and must not reach the blob that way. Returns as `layOutModel`. */
export async function layOutCode(
  blobs: Blobs,
  files: readonly ArtifactFile[],
  folder: string,
  signal: AbortSignal,
): Promise<number> {
  return eachFile(blobs, files, folder, signal, async (blob, target) => {
    await copyFile(blob, target, constants.COPYFILE_FICLONE);
    await chmod(target, await modeOfCode(target));
  });
}

async function eachFile(
  blobs: Blobs,
  files: readonly ArtifactFile[],
  folder: string,
  signal: AbortSignal,
  place: (blob: string, target: string) => Promise<void>,
): Promise<number> {
  await mkdir(folder, { recursive: true });
  let bytes = 0;
  for (const file of files) {
    signal.throwIfAborted();
    const target = resolveInside(folder, file.path);
    await mkdir(path.dirname(target), { recursive: true });
    await place(await blobs.verifiedPath(file.digest, signal), target);
    bytes += (await stat(target)).size;
  }
  return bytes;
}

/** @throws PlimsollError `artifact-path` (input) where the path leaves the folder. */
export function resolveInside(folder: string, relative: string): string {
  const target = path.resolve(folder, relative);
  if (relative !== '' && target.startsWith(`${folder}${path.sep}`)) return target;
  throw new PlimsollError({
    code: 'artifact-path',
    category: 'input',
    message: `the path \`${relative}\` of an artifact leaves its folder`,
    next: 'add the artifact again with plain relative paths',
  });
}

async function shareOrCopy(blob: string, target: string): Promise<void> {
  try {
    return await copyFile(blob, target, constants.COPYFILE_FICLONE_FORCE);
  } catch {
    // This file system has no reflinks.
  }
  try {
    return await link(blob, target);
  } catch {
    // Another device, or a file system without hard links.
  }
  await copyFile(blob, target);
}

/** Artifacts carry no mode; a script says so in its first bytes, and so does an ELF file. */
export async function modeOfCode(file: string): Promise<number> {
  return (await isProgram(file)) ? 0o755 : 0o644;
}

async function isProgram(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const head = buffer.subarray(0, bytesRead).toString('latin1');
    return head.startsWith('#!') || head === '\x7fELF';
  } finally {
    await handle.close();
  }
}
