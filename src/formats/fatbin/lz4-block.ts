/**
 * The first `atMostBytes` of an LZ4 block (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md): fewer where the block
 * ends, or is cut off. Null for bytes that no compressor writes.
 */
export function decompressLz4(block: Uint8Array, atMostBytes: number): Uint8Array | null {
  const out = new Uint8Array(atMostBytes);
  let read = 0;
  let written = 0;
  const longLength = (short: number): number => {
    let length = short;
    if (short !== 15) return length;
    for (let byte = 255; byte === 255 && read < block.length; read += 1) {
      byte = block[read] ?? 0;
      length += byte;
    }
    return length;
  };
  while (read < block.length && written < atMostBytes) {
    const token = block[read++] ?? 0;
    const literals = longLength(token >> 4);
    const copied = block.subarray(read, read + Math.min(literals, atMostBytes - written));
    out.set(copied, written);
    written += copied.length;
    read += literals;
    if (read + 2 > block.length || written >= atMostBytes) break;
    const distance = (block[read] ?? 0) | ((block[read + 1] ?? 0) << 8);
    read += 2;
    if (distance === 0 || distance > written) return null;
    const end = Math.min(atMostBytes, written + 4 + longLength(token & 15));
    for (; written < end; written += 1) out[written] = out[written - distance] ?? 0;
  }
  return out.subarray(0, written);
}
