import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { ZstdFrames } from '../../../formats/zstd/zstd-frames.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { damaged } from '../image-errors.ts';

/** Large enough that crossing to the thread that inflates costs nothing, small enough to stay in its cache. */
const chunkBytes = 128 * 1024;

/**
 * A layer without its compression, whatever its media type says: gzip (of several members too), Zstandard (of several
 * frames) and plain are told apart by how they begin. Inflating runs in another thread, so that it overlaps with hashing
 * and reading. @throws PlimsollError `image-damaged` (input).
 */
export async function* decompressed(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = input[Symbol.asyncIterator]();
  const head = await readHead(pieces);
  const whole = restored(head, pieces);
  if (head[0] === 0x1f && head[1] === 0x8b) yield* through(createGunzip({ chunkSize: chunkBytes }), whole);
  else if (isZstd(head)) yield* through(createZstdDecompress({ chunkSize: chunkBytes }), frames(whole));
  else yield* whole;
}

/** A frame, or a skippable one before it. */
const isZstd = (head: Uint8Array): boolean =>
  (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) ||
  ((head[0] ?? 0) >> 4 === 5 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18);

async function readHead(pieces: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array();
  while (head.length < 4) {
    const next = await pieces.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return head;
}

async function* restored(head: Uint8Array, pieces: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value;
  } finally {
    await pieces.return?.();
  }
}

async function* frames(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const cutter = new ZstdFrames();
  for await (const piece of pieces) yield* cutter.cut(piece);
  if (!cutter.atBorder) throw damaged('a Zstandard stream ends in the middle of a frame');
}

async function* through(
  inflater: ReturnType<typeof createGunzip>,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const source = Readable.from(pieces, { objectMode: false, highWaterMark: 4 * chunkBytes });
  // Its failure is also the inflater's, which is read below.
  const feeding = pipeline(source, inflater).catch(() => undefined);
  try {
    for await (const piece of inflater as AsyncIterable<Uint8Array>) yield piece;
  } catch (thrown) {
    throw asDamaged(thrown);
  } finally {
    inflater.destroy();
    await feeding;
  }
}

function asDamaged(thrown: unknown): unknown {
  const code = (thrown as { readonly code?: unknown }).code;
  const isOfZlib = typeof code === 'string' && /^(Z_|ZSTD_|ERR_ZSTD|ERR_ZLIB|ERR_BUFFER)/.test(code);
  if (thrown instanceof PlimsollError || !isOfZlib) return thrown;
  return damaged(`its compression is damaged: ${(thrown as Error).message}`, thrown);
}
