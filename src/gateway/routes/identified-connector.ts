import type { Socket } from 'node:net';
import { buildConnector } from 'undici';
import { identityRequest, readIdentityAnswer } from '../../protocols/replica-identity/replica-identity.ts';

export interface ExpectedIdentity {
  /** The very text that the replica told when it was admitted. */
  readonly identity: string;
  readonly path: string;
}

/** `code` of the error where somebody else answers at the address of a replica. */
export const mistakenCode = 'PLIMSOLL_REPLICA_MISTAKEN';

/**
 * Connects, and asks on the new connection who answers there. Only a connection to the replica that was admitted carries
 * requests: the address of a pod that is gone is soon another's, and a container that started again was not admitted.
 * @param connect opens the connection, as over TLS; over plain HTTP unless given.
 */
export function makeIdentifiedConnector(
  { identity, path }: ExpectedIdentity,
  timeoutMs: number,
  connect: buildConnector.connector = buildConnector({ timeout: timeoutMs, allowH2: false }),
): buildConnector.connector {
  return (options, callback) => {
    connect(options, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      const host = options.host ?? options.hostname;
      askOn(socket, identityRequest(path, host), timeoutMs).then(
        (told) => {
          if (told === identity) callback(null, socket);
          else refuse(told === null ? 'a server that tells no name' : told.slice(0, 300));
        },
        (thrown: Error) => {
          socket.destroy();
          callback(thrown, null);
        },
      );
      const refuse = (who: string): void => {
        socket.destroy();
        callback(mistaken(`${who} answers at ${host}, where ${identity} was admitted`), null);
      };
    });
  };
}

function askOn(socket: Socket, request: string, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      socket.off('readable', look).off('error', fail).off('close', closed);
      settle();
    };
    const fail = (error: Error): void => end(() => reject(error));
    const closed = (): void => fail(mistaken('the connection ended before it was told who answers there'));
    const look = (): void => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
        bytes = Buffer.concat([bytes, chunk]);
      }
      const answer = readIdentityAnswer(bytes);
      if (answer.state === 'whole') end(() => resolve(answer.identity));
      if (answer.state === 'unusable') fail(mistaken(`it is not told who answers there: ${answer.reason}`));
    };
    const timer = setTimeout(() => fail(mistaken(`nobody told within ${timeoutMs} ms who answers there`)), timeoutMs);
    socket.on('readable', look).on('error', fail).on('close', closed);
    socket.write(request);
  });
}

const mistaken = (message: string): Error => Object.assign(new Error(message), { code: mistakenCode });
