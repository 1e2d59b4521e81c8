import { writeSync } from 'node:fs';

const triesAtMost = 20;
const pauseMs = 5;

/**
 * Makes a writer of log lines for a file descriptor that never throws: a log on a full disk, or one that nobody reads any
 * more, must not end the program. Lines that could not be written are counted; once writing works again, a line says how many.
 * @param fd of an open file, pipe or terminal
 * @param lostLine the line, without its end, that says how many lines were lost
 */
export function makeLogLines(
  fd: number,
  lostLine: (lost: number) => string,
  write: (fd: number, bytes: Uint8Array) => number = writeSync,
): (line: string) => void {
  let lost = 0;
  let isCut = false;
  const put = (text: string): void => {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length;) {
      done += writeSome(fd, bytes.subarray(done), write);
      // What a full disk leaves of a line is ended before the next one.
      isCut = done < bytes.length;
    }
  };
  return (line) => {
    try {
      if (isCut) put('\n');
      if (lost > 0) put(`${lostLine(lost)}\n`);
      lost = 0;
      put(line.endsWith('\n') ? line : `${line}\n`);
    } catch {
      lost += 1;
    }
  };
}

/** A pipe whose reader is behind takes nothing for a moment. */
function writeSome(fd: number, bytes: Uint8Array, write: (fd: number, bytes: Uint8Array) => number): number {
  for (let tries = 1; ; tries += 1) {
    try {
      return write(fd, bytes);
    } catch (thrown) {
      const isBusy = thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN';
      if (!isBusy || tries === triesAtMost) throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
}
