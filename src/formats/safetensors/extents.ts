import { safetensorsInvalid, safetensorsTruncated } from './safetensors-errors.ts';

/** Where a tensor's bytes lie, counted from the end of the header; `at` is where the header says so. */
export interface Extent {
  readonly begin: number;
  readonly end: number;
  readonly at: number;
}

/**
 * Bytes of all tensors, which must lie one after the other from the end of the header to the end of the file, as the format
 * demands, so that nothing can hide between them.
 */
export function requireGapless(extents: readonly Extent[], dataStart: number, fileBytes: number): number {
  const inOrder = [...extents].sort((one, other) => one.begin - other.begin || one.end - other.end);
  let filled = 0;
  for (const { begin, end, at } of inOrder) {
    if (begin < filled) throw safetensorsInvalid(`tensors that overlap at byte ${dataStart + begin}`, at);
    if (begin > filled) {
      throw safetensorsInvalid(
        `a hole of ${begin - filled} bytes between tensors, from byte ${dataStart + filled}`,
        at,
      );
    }
    filled = end;
  }
  if (dataStart + filled > fileBytes) {
    throw safetensorsTruncated(`its tensors reach to byte ${dataStart + filled}`, fileBytes);
  }
  if (dataStart + filled < fileBytes) {
    throw safetensorsInvalid(`${fileBytes - dataStart - filled} bytes that belong to no tensor`, dataStart + filled);
  }
  return filled;
}
