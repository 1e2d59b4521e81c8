import { constants } from 'node:fs';
import { open, readdir, readFile, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import { notRegular } from '../../core/units/not-regular.ts';
import type { ByteSource } from '../../formats/byte-source.ts';

/** A file that somebody named, held open so that what is read, parsed and stored is one and the same. */
export interface SourceFile {
  /** As it was named. */
  readonly shown: string;
  readonly bytes: number;
  /** From its start, each time; the memory of a chunk is used again for the next. */
  chunks(onRead?: (bytes: number) => void): AsyncGenerator<Uint8Array>;
  readonly source: ByteSource;
  /** @throws PlimsollError `file-changed` (conflict) when it was written to since it was opened. */
  requireUnchanged(): Promise<void>;
}

const chunkBytes = 1 << 20;

/** @throws PlimsollError `file-missing`, `file-unreadable`, `file-empty`, `file-not-regular` (input), and what `use` throws. */
export async function withSourceFile<T>(
  file: { readonly location: string; readonly shown: string },
  signal: AbortSignal,
  use: (source: SourceFile) => Promise<T>,
): Promise<T> {
  // A pipe that nobody writes to holds the open itself, in a thread that no signal ends.
  if ((await kindOf(file)) === 'folder') throw notRegular(file.shown, true);
  const handle = await open(file.location, constants.O_RDONLY | constants.O_NONBLOCK).catch((thrown: unknown) =>
    fileProblem(file, thrown),
  );
  try {
    const before = await handle.stat({ bigint: true });
    if (!before.isFile()) throw notRegular(file.shown, before.isDirectory());
    if (before.size === 0n) throw emptyFile(file.shown);
    return await use({
      shown: file.shown,
      bytes: Number(before.size),
      chunks: (onRead) => chunksOf(handle, signal, onRead),
      source: { bytes: Number(before.size), read: (offset, length) => readAt(handle, offset, length, signal) },
      async requireUnchanged() {
        const now = await handle.stat({ bigint: true });
        if (now.size !== before.size || now.mtimeNs !== before.mtimeNs) throw changed(file.shown);
      },
    });
  } finally {
    await handle.close();
  }
}

async function* chunksOf(
  handle: FileHandle,
  signal: AbortSignal,
  onRead: ((bytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(chunkBytes);
  for (let at = 0; ;) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    onRead?.(at);
    yield buffer.subarray(0, bytesRead);
  }
}

async function readAt(handle: FileHandle, offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
  signal.throwIfAborted();
  const buffer = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** What `location` is; problems in words. */
export async function kindOf(file: { readonly location: string; readonly shown: string }): Promise<'file' | 'folder'> {
  const stats = await stat(file.location).catch((thrown: unknown) => fileProblem(file, thrown));
  if (stats.isDirectory()) return 'folder';
  if (stats.isFile()) return 'file';
  throw notRegular(file.shown, false);
}

/** Null when it is not there, or no file that can be read. */
export async function readIfFile(location: string): Promise<Buffer | null> {
  const found = await stat(location).catch(() => null);
  return found?.isFile() === true ? readFile(location).catch(() => null) : null;
}

export async function fileProblem(
  { location, shown }: { readonly location: string; readonly shown: string },
  thrown: unknown,
): Promise<never> {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const beside = await readdir(path.dirname(location)).catch(() => []);
    const meant = nearest(path.basename(location), beside);
    throw new PlimsollError({
      code: 'file-missing',
      category: 'input',
      message: `there is no ${shown}${meant === null ? '' : `; did you mean ${path.join(path.dirname(shown), meant)}?`}`,
      next:
        meant === null
          ? 'name a file that is there, as seen from this folder'
          : 'name that one, or another that is there',
      details: { path: location },
      cause: thrown,
    });
  }
  if (code === '') throw thrown;
  throw new PlimsollError({
    code: 'file-unreadable',
    category: 'input',
    message: `cannot read ${shown} (${code})`,
    next: 'name a file that this user may read',
    details: { path: location, systemCode: code },
    cause: thrown,
  });
}

function emptyFile(shown: string): PlimsollError {
  return new PlimsollError({
    code: 'file-empty',
    category: 'input',
    message: `${shown} is empty`,
    next: 'write it again, or name another file',
  });
}

function changed(shown: string): PlimsollError {
  return new PlimsollError({
    code: 'file-changed',
    category: 'conflict',
    message: `${shown} was written to while it was being added; nothing was recorded`,
    next: 'run the command again when nothing writes to it',
  });
}
