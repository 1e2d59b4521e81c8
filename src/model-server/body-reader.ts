import type { IncomingMessage } from 'node:http';
import { PlimsollError } from '../core/units/errors.ts';
import { formatBytes } from '../core/units/quantity-bytes.ts';

export interface BodyLimits {
  readonly maxBodyBytes: number;
  /** Bytes of all bodies that are being read or waiting; past it new ones are refused. */
  readonly maxTotalBytes: number;
}

/** Reads bodies whole, within a limit for each and one for all of them together. */
export class BodyReader {
  readonly #limits: BodyLimits;
  #heldBytes = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * @returns the body, and `release` to call once it is no longer needed.
   * @throws PlimsollError `body-too-large`, `body-budget`, `encoding-unsupported`, `body-aborted`.
   */
  async read(request: IncomingMessage): Promise<{ readonly bytes: Uint8Array; readonly release: () => void }> {
    assertPlain(request);
    const declared = Number(request.headers['content-length'] ?? 0);
    if (declared > this.#limits.maxBodyBytes) throw tooLarge(this.#limits.maxBodyBytes);
    let held = 0;
    const hold = (bytes: number): void => {
      if (this.#heldBytes + bytes > this.#limits.maxTotalBytes) throw overBudget(this.#limits.maxTotalBytes);
      this.#heldBytes += bytes;
      held += bytes;
    };
    const release = (): void => {
      this.#heldBytes -= held;
      held = 0;
    };
    try {
      hold(declared);
      const bytes = await collect(request, this.#limits.maxBodyBytes, (total) => {
        if (total > held) hold(total - held);
      });
      return { bytes, release };
    } catch (thrown) {
      release();
      throw thrown;
    }
  }
}

/** One chunk is the usual case for small requests, and is taken as it is. */
function collect(request: IncomingMessage, limit: number, onGrown: (total: number) => void): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let total = 0;
    const onData = (chunk: Buffer): void => {
      total += chunk.length;
      try {
        if (total > limit) throw tooLarge(limit);
        onGrown(total);
      } catch (thrown) {
        fail(thrown as PlimsollError);
        return;
      }
      chunks.push(chunk);
    };
    const onEnd = (): void => {
      request.off('data', onData).off('close', onClose);
      const [first = Buffer.alloc(0)] = chunks;
      resolve(chunks.length === 1 ? first : Buffer.concat(chunks, total));
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
