import type { ByteSource } from '../byte-source.ts';

/**
 * Whether bytes are a Python pickle, or hold one: why, in words, or null. A pickle is a program that runs when it is loaded
 * (https://docs.python.org/3/library/pickle.html), whatever it is called.
 *
 * | kind | told by |
 * |---|---|
 * | protocol 2 and newer | 0x80, the protocol, and an opcode that may follow; for 2 and 3 also the STOP at the end |
 * | protocol 0 and 1 | text that begins as picklers write it, and the STOP at the end |
 * | PyTorch before 1.6 | its magic number, pickled first |
 * | zip (PyTorch, TorchScript) | a name in its directory that ends in .pkl |
 * | NumPy of objects | `|O` in the header of a .npy file |
 *
 * Not seen: pickles inside bz2, xz, lz4 and nested archives; their usual names are refused by name.
 */
export async function detectPickle(source: ByteSource): Promise<string | null> {
  const head = await source.read(0, 512);
  if (head.length < 2) return null;
  if (startsWith(head, [0x50, 0x4b, 3, 4])) return pickleInZip(source);
  if (startsWith(head, [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]))
    return /'descr':[^}]*\|O/.test(latin(head)) ? 'a NumPy file of Python objects, which are pickled' : null;
  const last = (await source.read(source.bytes - 1, 1))[0];
  return pickleHead(head, source.bytes, last);
}

/** The same for the first bytes of something that was compressed; its end is not known. */
export function detectPickleHead(head: Uint8Array): string | null {
  return pickleHead(head, Infinity, stop);
}

const stop = 0x2e;
/** Opcodes with which picklers begin, after the protocol: containers, globals, strings, numbers, memo. */
const openings = new Set([...'(]})cXUBCKMJGN\x8a\x8b\x8c\x8d\x8e\x88\x89\x93'].map((each) => each.charCodeAt(0)));
/** LONG1 of ten bytes: 0x1950a86a20f9469cfc6c, with which `torch.save` began. */
const torchMagic = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

function pickleHead(head: Uint8Array, bytes: number, last: number | undefined): string | null {
  const protocol = head[1] ?? 0;
  if (head[0] === 0x80 && protocol >= 2 && protocol <= 5) {
    if (startsWith(head.subarray(2), torchMagic)) return 'a file of torch.save before PyTorch 1.6, which is pickled';
    if (protocol >= 4 && head[2] === 0x95 && frameFits(head, bytes)) return `a pickle of protocol ${protocol}`;
    if (openings.has(head[2] ?? 0) && last === stop) return `a pickle of protocol ${protocol}`;
    return null;
  }
  if (last !== stop && !(last === 0x0a)) return null;
  return /^(?:c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n|\([dlitc][\w.]*\n|\(i[\w.]+\n)/.test(latin(head))
    ? 'a pickle of protocol 0'
    : null;
}

function frameFits(head: Uint8Array, bytes: number): boolean {
  if (head.length < 11) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return Number(view.getBigUint64(3, true)) <= bytes;
}

const endAtMost = 65_557;
const directoryAtMost = 8 * 1024 * 1024;

/** Reads the central directory: APPNOTE.TXT 4.3.12 and 4.3.16. Without one that can be read the archive is taken for none. */
async function pickleInZip(source: ByteSource): Promise<string | null> {
  const from = Math.max(0, source.bytes - endAtMost);
  const tail = await source.read(from, source.bytes - from);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  let at = tail.length - 22;
  while (at >= 0 && view.getUint32(at, true) !== 0x06054b50) at -= 1;
  if (at < 0) return null;
  const bytes = view.getUint32(at + 12, true);
  // Past 4 GiB the true offset is in another record; the directory lies right before the end in any case.
  const start = view.getUint32(at + 16, true);
  const offset = start === 0xffffffff ? Math.max(0, from + at - bytes - 76) : start;
  const directory = await source.read(offset, Math.min(bytes + 76, directoryAtMost));
  const found = namesIn(directory).find((name) => /\.(?:pkl|pickle)$/i.test(name));
  return found === undefined ? null : `a zip that holds the pickle ${found.slice(0, 200)}`;
}

function namesIn(directory: Uint8Array): readonly string[] {
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
  const names: string[] = [];
  let at = 0;
  // A true offset that was only estimated lies a little before the first entry.
  while (at + 4 <= directory.length && view.getUint32(at, true) !== 0x02014b50) at += 1;
  while (at + 46 <= directory.length && view.getUint32(at, true) === 0x02014b50) {
    const name = view.getUint16(at + 28, true);
    names.push(latin(directory.subarray(at + 46, at + 46 + name)));
    at += 46 + name + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return names;
}

const startsWith = (bytes: Uint8Array, sign: readonly number[]): boolean =>
  sign.every((value, at) => bytes[at] === value);

/** Byte for byte, so that a pattern sees what is there. */
function latin(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return text;
}

const pickledEnding = /\.(?:pkl|pickle|pck|pt|pth|joblib|ckpt|dill|cloudpickle)(?:\.(?:gz|z|bz2|xz|lz4|zst))?$/i;

/** What a name promises. */
export const hasPickleName = (path: string): boolean => pickledEnding.test(path);
