import { digestOfBytes, type Digest } from '../../core/units/digest.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import { imageError, wrongDigest } from './image-errors.ts';

/** Gathers what is small, and stops where it is not: a size that is stated may be a lie. */
export async function gather(
  pieces: AsyncIterable<Uint8Array>,
  bytesAtMost: number,
  what: string,
  tooMany: () => Error = () => tooLarge(what, bytesAtMost),
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > bytesAtMost) throw tooMany();
    parts.push(piece);
  }
  return Buffer.concat(parts);
}

export function tooLarge(what: string, bytesAtMost: number): Error {
  return imageError(
    'image-too-large',
    `${what} is larger than ${formatBytes(bytesAtMost)}, which no image needs`,
    'look into how the image was built: labels and history belong into kilobytes',
  );
}

/** @throws PlimsollError `image-damaged` with both digests. */
export function verifyBytes(bytes: Uint8Array, stated: Digest, what: string): void {
  const actual = digestOfBytes(bytes);
  if (actual !== stated) throw wrongDigest(what, stated, actual);
}
