import { describe, expect, it } from 'vitest';
import { makeLogLines } from './log-lines.ts';

/** A file on a disk with so many bytes left. */
function diskOf(bytes: number) {
  const disk = { left: bytes, text: '' };
  const write = (_fd: number, line: Uint8Array): number => {
    const taken = line.subarray(0, disk.left);
    if (taken.length === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    disk.left -= taken.length;
    disk.text += Buffer.from(taken).toString();
    return taken.length;
  };
  return { disk, write };
}

describe('lines of a log', () => {
  it('are lost on a full disk without an end of the program, counted, and told once there is space', () => {
    const { disk, write } = diskOf(9);
    const log = makeLogLines(2, (lost) => `lost ${lost}`, write);
    for (const line of ['one\n', 'second', 'third', 'fourth']) log(line);
    expect(disk.text).toBe('one\nsecon');
    disk.left = 1_000;
    log('fifth');
    log('sixth');
    expect(disk.text).toBe('one\nsecon\nlost 3\nfifth\nsixth\n');
  });

  it('wait for a pipe whose reader is behind for a moment', () => {
    let busy = 3;
    let text = '';
    const log = makeLogLines(
      2,
      (lost) => `lost ${lost}`,
      (_fd, bytes) => {
        busy -= 1;
        if (busy >= 0) throw Object.assign(new Error('try again'), { code: 'EAGAIN' });
        text += Buffer.from(bytes).toString();
        return bytes.length;
      },
    );
    log('one');
    expect(text).toBe('one\n');
  });
});
