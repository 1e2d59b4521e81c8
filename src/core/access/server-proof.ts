import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/** Names a token to a server without giving it away: 32 hexadecimal digits. */
export function keyIdOf(tokenSha256: string): string {
  return bytesToHex(sha256(utf8ToBytes(`plimsoll key id 1\n${tokenSha256}`))).slice(0, 32);
}

/**
 * How a control plane shows that it knows a token's digest before the token is sent to it. A program that only took over
 * the port cannot: it does not know the digest. A program that passes the question on to the real control plane cannot
 * either: the answer covers the address that the real one was asked at, which is another.
 *
 *     client -> server   key id, nonce
 *     server -> client   HMAC-SHA256(digest of the token, nonce and the address of this end of the connection)
 *     client             compares, with the address that it is connected to; then sends the token on this connection
 *
 * @param nonce 16 to 64 characters of base64url, new for each question.
 * @param address of the server's end of the connection, as `proofAddress` writes it.
 */
export function makeServerProof(tokenSha256: string, nonce: string, address: string): string {
  const message = utf8ToBytes(`plimsoll server proof 1\n${nonce}\n${address}`);
  return bytesToHex(hmac(sha256, hexToBytes(tokenSha256), message));
}

/** One spelling for an address, whichever end of a connection says it: `127.0.0.1:7070`, `[::1]:7070`. */
export function proofAddress(host: string | undefined, port: number | undefined): string {
  const plain = (host ?? '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
  return `${plain.includes(':') ? `[${plain}]` : plain}:${port ?? 0}`;
}
