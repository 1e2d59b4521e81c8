import { nameOf } from '../../../core/image/image-path.ts';

/** Looks for names of members that may hold device code while an archive goes by; nothing of it is unpacked. */
export interface NameScan {
  write(bytes: Uint8Array): void;
  /** The first such name; null while there is none. */
  readonly found: string | null;
}

const deviceFile = /\.(?:cubin|fatbin|ptx)$/i;
const sharedLibrary = /\.so(?:\.\d+)*$/;
/** Of projects whose libraries hold device code. */
const deviceWord =
  /cuda|cudnn|cublas|cufft|curand|cusolver|cusparse|cutensor|cupy|nccl|torch|onnxruntime|tensorrt|tensorflow|triton|jax|vllm|flash_?attn|xformers|bitsandbytes|ggml|llama|(?:^|[/_.-])(?:lib)?nv/i;

export const mayHoldDeviceCode = (name: string): boolean =>
  deviceFile.test(name) || (sharedLibrary.test(name) && deviceWord.test(name));

/** An archive that is compressed as a whole shows no names: its own must do. */
export const compressedName = /\.(?:tgz|tbz2?|txz|tzst|conda|tar\.(?:gz|bz2|xz|zst|lz4))$/i;
export const isDeviceArchiveName = (path: string): boolean =>
  compressedName.test(path) && deviceWord.test(nameOf(path));

const nameBytesAtMost = 1024;
/** Signatures, and bytes that begin like them: what has more is made to take time. */
const signaturesAtMost = 1_000_000;
const [localHeader, centralHeader] = [0x04034b50, 0x02014b50];

/**
 * Names of a zip archive, out of the headers before its members and those of its directory. They are found by their
 * signatures: members without a stated length can be stepped over in no other way.
 */
export class ZipNames implements NameScan {
  found: string | null = null;
  #kept = Buffer.alloc(0);
  #signatures = 0;

  write(bytes: Uint8Array): void {
    if (this.found !== null) return;
    const all = Buffer.concat([this.#kept, bytes]);
    let at = all.indexOf('PK');
    for (; at >= 0 && this.found === null; at = all.indexOf('PK', at + 2)) {
      this.#signatures += 1;
      if (this.#signatures > signaturesAtMost) this.found = 'more names than are looked at';
      const isWhole = this.#readHeader(all.subarray(at));
      if (!isWhole) break;
    }
    // The beginning of a header may end the piece; so may the first letter of its signature.
    this.#kept = Buffer.from(all.subarray(at < 0 ? Math.max(0, all.length - 1) : at));
  }

  /** False where more bytes are needed. */
  #readHeader(header: Buffer): boolean {
    if (header.length < 46) return false;
    const signature = header.readUInt32LE(0);
    if (signature !== localHeader && signature !== centralHeader) return true;
    const [nameAt, lengthAt] = signature === localHeader ? [30, 26] : [46, 28];
    const end = nameAt + Math.min(header.readUInt16LE(lengthAt), nameBytesAtMost);
    if (header.length < end) return false;
    const name = header.toString('utf8', nameAt, end);
    if (mayHoldDeviceCode(name)) this.found = name;
    return true;
  }
}

const blockBytes = 512;

/** Names of a tar archive that is not compressed: of every block that is a header. */
export class TarNames implements NameScan {
  found: string | null = null;
  #kept = Buffer.alloc(0);

  write(bytes: Uint8Array): void {
    if (this.found !== null) return;
    const all = Buffer.concat([this.#kept, bytes]);
    let at = 0;
    for (; at + blockBytes <= all.length && this.found === null; at += blockBytes) {
      if (all.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
      const name = `${textAt(all, at + 345, 155)}/${textAt(all, at, 100)}`.replace(/^\//, '');
      if (mayHoldDeviceCode(name)) this.found = name;
    }
    this.#kept = Buffer.from(all.subarray(at));
  }
}

function textAt(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

const sectionSearchBytes = 1024 * 1024;
const fatbinSection = '.nv_fatbin';

/** Whether an archive of object files names the section of fat binaries near its beginning. */
export class ObjectSections implements NameScan {
  found: string | null = null;
  #kept = Buffer.alloc(0);
  #seenBytes = 0;

  write(bytes: Uint8Array): void {
    if (this.found !== null || this.#seenBytes >= sectionSearchBytes) return;
    const all = Buffer.concat([this.#kept, bytes.subarray(0, sectionSearchBytes - this.#seenBytes)]);
    this.#seenBytes += bytes.length;
    if (all.includes(fatbinSection)) this.found = `a section ${fatbinSection}`;
    this.#kept = Buffer.from(all.subarray(Math.max(0, all.length - fatbinSection.length)));
  }
}
