import { JsonCursor, JsonCursorError } from '../json-cursor.ts';
import { safetensorsInvalid } from './safetensors-errors.ts';

/** `model.safetensors.index.json`: which file holds which tensor of a model that is too large for one. */
export interface SafetensorsIndex {
  /** File name to the number of tensors that the index puts there, sorted. */
  readonly files: Readonly<Record<string, number>>;
  readonly tensors: number;
  /** `metadata.total_size`: what the index claims; nothing checks it when it is written. Null when it is not there. */
  readonly claimedBytes: number | null;
}

export const indexEnding = '.safetensors.index.json';
export const indexBytesAtMost = 64 * 1024 * 1024;
const tensorsAtMost = 1_000_000;
const filesAtMost = 10_000;

/** @throws PlimsollError `safetensors-invalid` (input) with the offset in the index. */
export function parseSafetensorsIndex(bytes: Uint8Array): SafetensorsIndex {
  const files = new Map<string, number>();
  let tensors = 0;
  let claimedBytes: number | null = null;
  const cursor = new JsonCursor(bytes);
  const readMap = (): void => {
    cursor.object(() => {
      const file = cursor.string();
      if (++tensors > tensorsAtMost) throw new JsonCursorError(`more than ${tensorsAtMost} tensors`, cursor.offset);
      if (file === '' || file.length > 255 || /[/\\\0]/.test(file)) {
        throw new JsonCursorError('a tensor in a file that is not beside the index', cursor.offset);
      }
      files.set(file, (files.get(file) ?? 0) + 1);
      if (files.size > filesAtMost) throw new JsonCursorError(`more than ${filesAtMost} files`, cursor.offset);
    });
  };
  const readMetadata = (): void => {
    cursor.object((key) => {
      if (key === 'total_size') claimedBytes = readSize(cursor);
      else cursor.skip();
    });
  };
  try {
    cursor.object((key) => {
      if (key === 'weight_map') readMap();
      else if (key === 'metadata') readMetadata();
      else cursor.skip();
    });
    cursor.end();
  } catch (thrown) {
    if (!(thrown instanceof JsonCursorError)) throw thrown;
    throw safetensorsInvalid(`its index (…${indexEnding}) has ${thrown.message}`, thrown.offset);
  }
  if (files.size === 0) throw safetensorsInvalid(`its index (…${indexEnding}) names no file`, 0);
  return {
    files: Object.fromEntries([...files].sort(([one], [other]) => (one < other ? -1 : 1))),
    tensors,
    claimedBytes,
  };
}

/** Some exporters write the size as a fraction: `1.5e10`, `123.0`. */
function readSize(cursor: JsonCursor): number | null {
  const size = Number(cursor.word());
  return Number.isSafeInteger(size) && size >= 0 ? size : null;
}
