import { connect } from 'node:net';
import { PlimsollError } from '../../core/units/errors.ts';

/** Sends one datagram to a Unix socket: Linux `socket(2)`, `sendto(2)`. Returns 0, or the number of the error. */
type SendDatagram = (socket: string, bytes: Uint8Array) => number;

const [afUnix, sockDgram, closeOnExec] = [1, 2, 0o2000000];
/** Neither waits for a log that is stuck nor ends the process. */
const flags = 0x40 | 0x4000;
/** Of `struct sockaddr_un`: two bytes of family, 108 of path with a zero at its end. */
const [familyBytes, pathBytes] = [2, 108];
/** The log takes a stream and no datagrams. */
const wrongType = 91;
const streamMs = 5_000;

async function loadSendDatagram(): Promise<SendDatagram> {
  const { default: koffi } = await import('koffi');
  const library = ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`];
  const libc = library.map((name) => tryLoad(() => koffi.load(name))).find((loaded) => loaded !== null);
  if (libc === null || libc === undefined) throw new Error('the C library of this system is not known');
  const open = libc.func('socket', 'int', ['int', 'int', 'int']);
  const send = libc.func('sendto', 'long', ['int', 'void *', 'size_t', 'int', 'void *', 'uint']);
  const close = libc.func('close', 'int', ['int']);
  return (socket, bytes) => {
    const handle = open(afUnix, sockDgram | closeOnExec, 0) as number;
    if (handle < 0) return koffi.errno();
    try {
      const address = addressOf(socket);
      const sent = Number(send(handle, bytes, bytes.length, flags, address, address.length));
      return sent === bytes.length ? 0 : koffi.errno() || -1;
    } finally {
      close(handle);
    }
  };
}

function tryLoad<T>(load: () => T): T | null {
  try {
    return load();
  } catch {
    return null;
  }
}

function addressOf(socket: string): Uint8Array {
  const path = Buffer.from(socket, 'utf8');
  if (path.length === 0 || path.length >= pathBytes) throw new Error('its path is too long for a socket');
  const address = Buffer.alloc(familyBytes + path.length + 1);
  address.writeUInt16LE(afUnix, 0);
  path.copy(address, familyBytes);
  return address;
}

/**
 * What sends lines to the socket of a log, as a datagram each; where the log takes a stream, as a line each.
 * @throws PlimsollError `anchor-unwritable` (unavailable).
 */
export async function openSyslogSocket(socket: string): Promise<(line: string) => Promise<void>> {
  const sendDatagram = await loadSendDatagram().catch((cause: unknown) => {
    throw unwritable(socket, cause instanceof Error ? cause.message : String(cause), cause);
  });
  return async (line) => {
    let error: number;
    try {
      error = sendDatagram(socket, Buffer.from(line, 'utf8'));
    } catch (cause) {
      throw unwritable(socket, cause instanceof Error ? cause.message : String(cause), cause);
    }
    if (error === wrongType) return sendLine(socket, `${line}\n`);
    if (error !== 0) throw unwritable(socket, `error ${error} of the system`);
  };
}

function sendLine(socket: string, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const connection = connect({ path: socket });
    connection.setTimeout(streamMs, () => connection.destroy(new Error(`no answer within ${streamMs / 1_000} s`)));
    connection.once('error', (cause) => {
      reject(unwritable(socket, cause.message, cause));
    });
    connection.end(line, () => {
      connection.destroy();
      resolve();
    });
  });
}

function unwritable(socket: string, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError({
    code: 'anchor-unwritable',
    category: 'unavailable',
    message: `the log at ${socket} cannot be written: ${why}`,
    next: 'see that the log of this machine runs; syslog:/PATH names another socket',
    cause,
  });
}
