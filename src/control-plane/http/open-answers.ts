import type { ServerResponse } from 'node:http';
import { PlimsollError } from '../../core/units/errors.ts';

/** Smaller answers are read in one packet or two, and are not counted. */
const countedBytes = 32 * 1024;
const openBytesAtMost = 64 * 1024 * 1024;
/** Whoever has not read an answer by then is not reading. */
const readWithinMs = 60_000;

/** Keeps what answers that nobody has read yet hold of memory within a bound: a client that never reads costs no more. */
export class OpenAnswers {
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes = openBytesAtMost) {
    this.#mostBytes = mostBytes;
  }

  /** @throws PlimsollError `answers-unread` (overloaded) where others hold too much already. */
  take(bytes: number, answer: ServerResponse): void {
    if (bytes < countedBytes) return;
    if (this.#bytes + bytes > this.#mostBytes) {
      throw new PlimsollError({
        code: 'answers-unread',
        category: 'overloaded',
        message: 'the answers that are being sent, and not read, fill the memory that is set aside for them',
        next: 'read the open answers to their end, then ask again',
      });
    }
    this.#bytes += bytes;
    const late = setTimeout(() => answer.destroy(), readWithinMs);
    late.unref();
    answer.once('close', () => {
      clearTimeout(late);
      this.#bytes -= bytes;
    });
  }
}
