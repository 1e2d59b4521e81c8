import { ftruncateSync, openSync, closeSync, rmSync, writeSync, readSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ByteSource } from '../../../formats/byte-source.ts';
import { imageError } from '../image-errors.ts';

/** Most libraries fit; what does not goes to a file. */
const inMemoryBytes = 8 * 1024 * 1024;

/**
 * Holds one ELF file of a layer at a time, because its reader jumps about in it: in memory while it is small, else in a
 * temporary file without a name, which the system removes whatever becomes of this process.
 */
export class LibraryCapture {
  readonly #memory = Buffer.allocUnsafe(inMemoryBytes);
  #file: number | null = null;
  #bytes = 0;
  #isSpilled = false;

  begin(): void {
    if (this.#isSpilled && this.#file !== null) ftruncateSync(this.#file, 0);
    this.#bytes = 0;
    this.#isSpilled = false;
  }

  write(bytes: Uint8Array): void {
    if (!this.#isSpilled && this.#bytes + bytes.length <= inMemoryBytes) {
      this.#memory.set(bytes, this.#bytes);
    } else {
      const file = (this.#file ??= openNameless());
      if (!this.#isSpilled) writeAll(file, this.#memory.subarray(0, this.#bytes), 0);
      this.#isSpilled = true;
      writeAll(file, bytes, this.#bytes);
    }
    this.#bytes += bytes.length;
  }

  /** Good until the next `begin`. */
  source(): ByteSource {
    const [bytes, file] = [this.#bytes, this.#isSpilled ? this.#file : null];
    return {
      bytes,
      read: (offset, length) => {
        const wanted = Math.max(0, Math.min(length, bytes - offset));
        if (file === null)
          return Promise.resolve(Uint8Array.prototype.slice.call(this.#memory, offset, offset + wanted));
        const into = Buffer.allocUnsafe(wanted);
        const read = wanted === 0 ? 0 : readSync(file, into, 0, wanted, offset);
        return Promise.resolve(into.subarray(0, read));
      },
    };
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}

function openNameless(): number {
  const name = path.join(tmpdir(), `plimsoll-library-${randomBytes(8).toString('hex')}`);
  const file = openSync(name, 'wx+', 0o600);
  rmSync(name);
  return file;
}

function writeAll(file: number, bytes: Uint8Array, offset: number): void {
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, offset + done);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
    throw imageError(
      'image-too-large',
      `${tmpdir()} has no room for one library of the image at a time`,
      'name a folder with room: TMPDIR=FOLDER plimsoll inspect IMAGE',
      cause,
    );
  }
}
