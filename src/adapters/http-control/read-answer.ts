import type { Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Reads one small HTTP/1.1 answer with a stated length from a connection that goes on afterwards.
 * @throws Error when it is larger, takes longer, has no length, or the connection ends.
 */
export function readAnswer(socket: Socket, bytesAtMost: number, timeoutMs: number): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let read = Buffer.alloc(0);
    const timer = setTimeout(() => finish(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    const finish = (end: Error | RawAnswer): void => {
      clearTimeout(timer);
      socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', finish);
      if (end instanceof Error) reject(end);
      else resolve(end);
    };
    const onEnd = (): void => finish(new Error('the connection was closed'));
    const onReadable = (): void => {
      for (let part: Buffer | null; (part = socket.read() as Buffer | null) !== null;)
        read = Buffer.concat([read, part]);
      const answer = read.length > bytesAtMost ? new Error('the answer is too large') : parseAnswer(read);
      if (answer !== null) finish(answer);
    };
    socket.on('readable', onReadable).on('end', onEnd).on('close', onEnd).on('error', finish);
  });
}

/** Null while more is to come. */
function parseAnswer(bytes: Buffer): RawAnswer | Error | null {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const head = bytes.subarray(0, headEnd).toString('latin1');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  const length = /^content-length: *(\d{1,9})$/im.exec(head)?.[1];
  if (status === undefined || length === undefined) return new Error('the answer is not one of a control plane');
  const body = bytes.subarray(headEnd + 4);
  if (body.length < Number(length)) return null;
  if (body.length > Number(length)) return new Error('the answer is longer than it says');
  return { status: Number(status), body: body.toString('utf8') };
}
