/** Random access to bytes that need not be in memory: a file, a blob, a buffer. */
export interface ByteSource {
  /** Length of the whole. */
  readonly bytes: number;
  /** Exactly `length` bytes, or fewer where the whole ends. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    bytes: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  };
}

/** `bytes` of a source from `start` as a source of their own; fewer where the whole ends. */
export function partOf(whole: ByteSource, start: number, bytes: number): ByteSource {
  const length = Math.max(0, Math.min(bytes, whole.bytes - start));
  return {
    bytes: length,
    read: (offset, wanted) => whole.read(start + offset, Math.max(0, Math.min(wanted, length - offset))),
  };
}
