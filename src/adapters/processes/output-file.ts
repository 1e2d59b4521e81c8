import { copyFile, open, stat, truncate } from 'node:fs/promises';

/** A file of output is at most this long, and so is the one older part that is kept as `NAME.1`. */
export const outputLimitBytes = 8 * 1024 * 1024;
const lineLimitBytes = 64 * 1024;
const readLimitBytes = 1024 * 1024;
const recentLines = 60;
const recentLineChars = 500;

/**
 * Follows a file that a detached process appends to, from where the last read ended. A process must outlive the one that
 * started it, so its output goes to a file and not to a pipe.
 */
export class OutputTail {
  readonly #file: string;
  readonly #limitBytes: number;
  #offset = 0;
  #partial = '';
  #recent: readonly string[] = [];
  readonly #decoder = new TextDecoder();

  constructor(file: string, limitBytes = outputLimitBytes) {
    this.#file = file;
    this.#limitBytes = limitBytes;
  }

  /** The last lines that were read, oldest first, cut to a readable length. */
  get recent(): readonly string[] {
    return this.#partial.trim() === '' ? this.#recent : [...this.#recent, this.#partial.slice(0, recentLineChars)];
  }

  /** What is there already is not read. */
  async skip(): Promise<void> {
    this.#offset = (await this.#size()) ?? 0;
  }

  /** Complete lines since the last call; at most 1 MiB is read at a time, and lines over 64 KiB are cut. */
  async read(): Promise<readonly string[]> {
    const size = await this.#size();
    if (size === null) return [];
    if (size < this.#offset) this.#offset = 0;
    const wanted = Math.min(size - this.#offset, readLimitBytes);
    // Most looks find nothing new, and cost one call.
    if (wanted <= 0) return [];
    const handle = await open(this.#file, 'r').catch(() => null);
    if (handle === null) return [];
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(wanted), 0, wanted, this.#offset);
      this.#offset += bytesRead;
      return this.#split(this.#decoder.decode(buffer.subarray(0, bytesRead), { stream: true }));
    } finally {
      await handle.close();
    }
  }

  /**
   * Keeps the file within its bound once all of it was read: the present content becomes `NAME.1`, and the file starts
   * again from nothing. The writer appends, so it goes on at the new end; what it writes between the two steps is lost.
   */
  async bound(): Promise<void> {
    if (this.#offset <= this.#limitBytes) return;
    await copyFile(this.#file, `${this.#file}.1`);
    await truncate(this.#file, 0);
    this.#offset = 0;
  }

  /** Null of a file that is not there. */
  #size(): Promise<number | null> {
    return stat(this.#file).then(
      (found) => found.size,
      () => null,
    );
  }

  #split(text: string): readonly string[] {
    const lines = (this.#partial + text).split('\n');
    this.#partial = (lines.pop() ?? '').slice(0, lineLimitBytes);
    const cut = lines.map((line) => line.slice(0, lineLimitBytes));
    const kept = cut.filter((line) => line.trim() !== '').map((line) => line.slice(0, recentLineChars));
    this.#recent = [...this.#recent, ...kept].slice(-recentLines);
    return cut;
  }
}

/**
 * The line that most likely says why a program ended: the last one that is neither indented (a stack trace, our own
 * `next:`) nor only brackets nor Node's version, and of JSON logs only what they call an error. Else the last line that
 * is no JSON; null when there is none.
 */
export function lastWords(lines: readonly string[]): string | null {
  const telling = lines.findLast((line) =>
    line.startsWith('{"')
      ? jsonError.test(line)
      : /^[^\s]/.test(line) && /[a-z]/i.test(line) && !nodeVersion.test(line),
  );
  return (telling ?? lines.findLast((line) => !line.startsWith('{"')))?.trim() ?? null;
}
const jsonError = /"level":\s*(?:[56]0\b|"(?:error|fatal|critical)")/i;
const nodeVersion = /^Node\.js v\d/;

/** The last `count` lines of a file, oldest first, from at most its last MiB; none when there is no such file. */
export async function lastLines(file: string, count: number): Promise<readonly string[]> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0 || count <= 0) return [];
  const handle = await open(file, 'r');
  try {
    const wanted = Math.min(size, readLimitBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(wanted), 0, wanted, size - wanted);
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
    if (lines.at(-1) === '') lines.pop();
    if (wanted < size) lines.shift();
    return lines.slice(-count);
  } finally {
    await handle.close();
  }
}
