import { isGguf } from '../gguf/parse-gguf.ts';
import { indexEnding } from '../safetensors/model-index.ts';

export type DetectedFormat =
  | { readonly format: 'onnx' | 'safetensors' | 'safetensors-index' | 'gguf' | 'tensorrt' }
  /** `why` says what it is, and why it is not read. */
  | { readonly format: 'unknown'; readonly why: string };

/** So many bytes of the beginning are enough. */
export const headBytes = 512;

const unread = (why: string): DetectedFormat => ({ format: 'unknown', why });
const pickle =
  'a pickle is a program: reading it would run code that the file brings along; export to safetensors or ONNX';

/**
 * The format by the first bytes, which no renaming changes; the ending of the name decides only for formats without a mark of
 * their own, so that damage is reported as damage of that format. `isPlan` says that a TensorRT plan was recognized.
 */
export function detectFormat(head: Uint8Array, fileName: string, isPlan: boolean): DetectedFormat {
  const name = fileName.toLowerCase();
  if (isGguf(head)) return { format: 'gguf' };
  if (isPlan) return { format: 'tensorrt' };
  const marked = byMark(head);
  if (marked !== null) return marked;
  if (name.endsWith(indexEnding)) return { format: 'safetensors-index' };
  if (name.endsWith('.safetensors') || looksLikeSafetensors(head)) return { format: 'safetensors' };
  if (name.endsWith('.gguf')) return { format: 'gguf' };
  if (name.endsWith('.onnx') || looksLikeOnnx(head)) return { format: 'onnx' };
  if (/\.(?:engine|plan|trt)$/.test(name)) {
    return unread('its name is that of a TensorRT engine, and it does not begin with the tag of one (ftrt)');
  }
  return unread('its first bytes are those of no format that is known here');
}

function byMark(head: Uint8Array): DetectedFormat | null {
  const begins = (...bytes: readonly number[]): boolean => bytes.every((byte, index) => head[index] === byte);
  const ascii = (at: number, text: string): boolean =>
    [...text].every((c, index) => head[at + index] === c.codePointAt(0));
  if (begins(0x80) && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5) {
    return unread(`a Python pickle of protocol ${head[1]} (an old torch .pt, joblib, or the like): ${pickle}`);
  }
  if (ascii(0, 'PK\u0003\u0004')) return zipOf(head);
  if (ascii(0, '\u0089HDF\r\n'))
    return unread('HDF5 (a Keras .h5, or the like), which is not read here; export to ONNX');
  if (ascii(4, 'TFL3')) return unread('a TensorFlow Lite model, which is not read here');
  if (ascii(0, 'lmgg') || ascii(0, 'tjgg') || ascii(0, 'fmgg')) {
    return unread('a GGML file from before GGUF, which llama.cpp no longer reads either; convert it to GGUF');
  }
  if (ascii(0, 'version https://git-lfs')) {
    return unread('a Git LFS pointer, not the file itself: fetch it with git lfs pull');
  }
  return null;
}

/** A zip archive by the name of its first entry. */
function zipOf(head: Uint8Array): DetectedFormat {
  const first = String.fromCodePoint(...head.subarray(30, 30 + (head[26] ?? 0)));
  if (/(?:^|\/)(?:data\.pkl|data\/\d+$|\.format_version|version|byteorder|constants\.pkl|code)/.test(first)) {
    return unread(`a torch archive (.pt, .pth), a zip with a pickle inside: ${pickle}`);
  }
  if (first.endsWith('.npy')) return unread('NumPy arrays (.npz), which say nothing of a model');
  if (/^(?:metadata|config)\.json/.test(first))
    return unread('a Keras archive (.keras), which is not read here; export to ONNX');
  return unread('a zip archive: name the model inside it');
}

/** Eight bytes of a length that is no larger than the format allows, then `{`. */
const looksLikeSafetensors = (head: Uint8Array): boolean =>
  head[8] === 0x7b && head[4] === 0 && head[5] === 0 && head[6] === 0 && head[7] === 0;

/** Field 1, the IR version, comes first in what every known exporter writes. */
const looksLikeOnnx = (head: Uint8Array): boolean => head[0] === 0x08 && (head[1] ?? 0) >= 1 && (head[1] ?? 0) <= 30;
