import { PlimsollError } from '../core/units/errors.ts';

export interface TextLine {
  /** 1 for the first. */
  readonly line: number;
  readonly text: string;
}

/** Longest line; it bounds the memory that a file without line ends can take. */
const lineBytesAtMost = 64 * 1024 * 1024;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Puts U+FFFD where the bytes are wrong, which tells the place. */
const lenientDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Where in the file something is wrong; line and column count from 1, columns in characters. */
export function badData(line: number, column: number, what: string, next?: string): PlimsollError {
  return new PlimsollError({
    code: 'data-invalid',
    category: 'input',
    message: `line ${line}, column ${column}: ${what}`,
    next: next ?? 'mend that line and add the file again',
    details: { line, column },
  });
}

/** A line before it is read as text; the bytes may be the chunk's own, and last until the next lines are asked for. */
export interface ByteLine {
  /** 1 for the first. */
  readonly line: number;
  readonly bytes: Uint8Array;
}

/**
 * A file as lines without their ends (\n or \r\n), several at a time; a byte order mark is dropped. Holds no more than one
 * chunk and one line.
 * @throws PlimsollError `data-invalid` for a line that is not UTF-8, or longer than 64 MiB.
 */
export async function* textLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly TextLine[]> {
  for await (const lines of byteLines(chunks))
    yield lines.map(({ line, bytes }) => ({ line, text: textOf(bytes, line) }));
}

/** The same lines before they are text, a byte order mark included. @throws PlimsollError as `textLines`, but for UTF-8. */
export async function* byteLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly ByteLine[]> {
  let line = 0;
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  const numbered = (bytes: Uint8Array): ByteLine => {
    line += 1;
    return { line, bytes: bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes };
  };
  for await (const chunk of chunks) {
    const lines: ByteLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      lines.push(numbered(joined([...pending, chunk.subarray(start, end)])));
      pending = [];
      pendingBytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      // A copy: whoever reads the file may use the memory of the chunk again.
      pending.push(chunk.slice(start));
      pendingBytes += chunk.length - start;
      if (pendingBytes > lineBytesAtMost) throw badData(line + 1, 1, `a line of more than ${lineBytesAtMost} bytes`);
    }
    if (lines.length > 0) yield lines;
  }
  if (pendingBytes > 0) yield [numbered(joined(pending))];
}

/** The text of one line, without the byte order mark of the first. @throws PlimsollError `data-invalid`. */
export function textOf(bytes: Uint8Array, line: number): string {
  const text = decode(bytes, line);
  return line === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function decode(bytes: Uint8Array, line: number): string {
  try {
    return decoder.decode(bytes);
  } catch {
    const column = lenientDecoder.decode(bytes).indexOf('\uFFFD') + 1;
    throw badData(line, column, 'not UTF-8 text', 'save the file as UTF-8');
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
