import type { IncomingMessage } from 'node:http';
import { PlimsollError } from '../../core/units/errors.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import { ReusedMemory } from '../batching/reused-memory.ts';

export interface BodyLimits {
  readonly maxBodyBytes: number;
  /** Bytes of all bodies that are being read or waiting; past it new ones are refused. */
  readonly maxTotalBytes: number;
}

export interface HeldBody {
  readonly bytes: Uint8Array;
  readonly take: (bytes: number) => Uint8Array | null;
  readonly release: () => void;
}

/** Reads bodies whole, within a limit for each and one for all of them together. */
export class BodyReader {
  readonly #limits: BodyLimits;
  readonly #memory = new ReusedMemory();
  readonly #tensorMemory = new ReusedMemory();
  #heldBytes = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * @returns the body, `take` for memory that lasts as long as the body, and `release` to call once neither is needed any
   * longer: their memory may then hold another.
   * @throws PlimsollError `body-too-large`, `body-budget`, `encoding-unsupported`, `body-aborted`.
   */
  async read(request: IncomingMessage): Promise<HeldBody> {
    assertPlain(request);
    const declared = Number(request.headers['content-length'] ?? 0);
    if (declared > this.#limits.maxBodyBytes) throw tooLarge(this.#limits.maxBodyBytes);
    let held = 0;
    const hold = (bytes: number): void => {
      if (this.#heldBytes + bytes > this.#limits.maxTotalBytes) throw overBudget(this.#limits.maxTotalBytes);
      this.#heldBytes += bytes;
      held += bytes;
    };
    let taken: Uint8Array | null = null;
    const release = (): void => {
      this.#heldBytes -= held;
      held = 0;
      if (taken !== null) this.#memory.giveBack(taken);
      taken = null;
      for (const room of tensors.splice(0)) this.#tensorMemory.giveBack(room);
    };
    const tensors: Uint8Array[] = [];
    const take = (bytes: number): Uint8Array | null => {
      const room = this.#tensorMemory.take(bytes);
      if (room !== null) tensors.push(room);
      return room;
    };
    try {
      hold(declared);
      taken = this.#memory.take(declared);
      const bytes = await collect(request, this.#limits.maxBodyBytes, taken, (total) => {
        if (total > held) hold(total - held);
      });
      return { bytes, take, release };
    } catch (thrown) {
      release();
      throw thrown;
    }
  }
}

/** One chunk is the usual case for small requests, and is taken as it is; larger ones are gathered in `room` if they fit. */
function collect(
  request: IncomingMessage,
  limit: number,
  room: Uint8Array | null,
  onGrown: (total: number) => void,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let total = 0;
    const onData = (chunk: Buffer): void => {
      const at = total;
      total += chunk.length;
      try {
        if (total > limit) throw tooLarge(limit);
        onGrown(total);
      } catch (thrown) {
        fail(thrown as PlimsollError);
        return;
      }
      if (room !== null && chunks.length === 0 && total <= room.length) room.set(chunk, at);
      else {
        // More than was announced, which the parser of HTTP lets nobody send.
        if (room !== null && chunks.length === 0 && at > 0) chunks.push(Buffer.from(room.subarray(0, at)));
        chunks.push(chunk);
      }
    };
    const onEnd = (): void => {
      request.off('data', onData).off('close', onClose);
      resolve(room !== null && chunks.length === 0 ? room.subarray(0, total) : gathered(chunks, total));
    };
    const onClose = (): void => {
      fail(aborted());
    };
    const fail = (error: PlimsollError): void => {
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      chunks.length = 0;
      reject(error);
    };
    request.on('data', onData).once('end', onEnd).once('close', onClose);
    request.on('error', () => undefined);
  });
}

function gathered(chunks: readonly Buffer[], total: number): Uint8Array {
  const [first = Buffer.alloc(0)] = chunks;
  return chunks.length === 1 ? first : Buffer.concat(chunks, total);
}

function assertPlain(request: IncomingMessage): void {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return;
  throw new PlimsollError({
    code: 'encoding-unsupported',
    category: 'input',
    message: `Content-Encoding ${encoding.slice(0, 40)} is not supported`,
    next: 'send the body uncompressed',
  });
}

function tooLarge(limit: number): PlimsollError {
  return new PlimsollError({
    code: 'body-too-large',
    category: 'input',
    message: `the body is larger than the limit of ${formatBytes(limit)} of the model server`,
    next: 'send fewer rows a request, use the binary form, or start the model server with a larger --max-body',
  });
}

function overBudget(limit: number): PlimsollError {
  return new PlimsollError({
    code: 'body-budget',
    category: 'overloaded',
    message: `bodies of ${formatBytes(limit)} are being read already, which is the limit`,
    next: 'try again after the time in Retry-After',
  });
}

function aborted(): PlimsollError {
  return new PlimsollError({
    code: 'body-aborted',
    category: 'input',
    message: 'the connection closed before the body was complete',
    next: 'send as many bytes as Content-Length says',
  });
}
