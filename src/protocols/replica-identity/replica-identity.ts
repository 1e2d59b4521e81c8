import type { Protocol } from '../../core/contract/contract.ts';

/**
 * By this header of an answer about its health a server tells which replica it is: the value of `PLIMSOLL_REPLICA_ID`, and
 * behind a slash, where it has one, a word that is another one after each start. Addresses of pods are used again, and so a
 * gateway asks on each new connection.
 */
export const identityHeader = 'plimsoll-replica-id';

/** Where a server is asked. */
export const identityPath = (protocol: Protocol): string => (protocol === 'openai' ? '/health' : '/v2/health/live');

const pattern = /^([A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?)(?:\/[A-Za-z0-9._-]{1,64})?$/;

/** The name of the replica in an identity; null for a text that is no identity. */
export const nameOfIdentity = (text: string): string | null => pattern.exec(text)?.[1] ?? null;

/** An answer as far as it has come. */
export type IdentityAnswer =
  | { readonly state: 'incomplete' }
  /** Whole, and the connection can carry a request; null where the server tells no identity. */
  | { readonly state: 'whole'; readonly identity: string | null }
  | { readonly state: 'unusable'; readonly reason: string };

const mostHeadBytes = 16 * 1024;
const mostBodyBytes = 64 * 1024;

/** The request to ask with. */
export const identityRequest = (path: string, host: string): string =>
  `GET ${path} HTTP/1.1\r\nhost: ${host}\r\naccept: application/json\r\n\r\n`;

/**
 * Reads an answer to `identityRequest`. A byte too few or too many on a connection would make an answer of one request the
 * answer of another one: only an answer that states its length, and leaves its connection open, is taken.
 */
export function readIdentityAnswer(bytes: Uint8Array): IdentityAnswer {
  const text = new TextDecoder('latin1').decode(bytes);
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return text.length > mostHeadBytes ? unusable('its head is too large') : { state: 'incomplete' };
  const [status = '', ...lines] = text.slice(0, end).split('\r\n');
  if (!/^HTTP\/1\.1 [2-5]\d\d(?: |$)/.test(status)) return unusable('it is no answer of HTTP/1.1');
  const fields = lines.map((line) => [line.split(':', 1)[0]?.trim().toLowerCase(), line.replace(/^[^:]*:/, '').trim()]);
  const valuesOf = (name: string): readonly string[] =>
    fields.flatMap(([key, value = '']) => (key === name ? value : []));
  const framing = framingProblem(valuesOf('content-length'), valuesOf('transfer-encoding'), valuesOf('connection'));
  if (framing !== null) return unusable(framing);
  const left = Number(valuesOf('content-length')[0]) - (text.length - end - 4);
  if (left > 0) return { state: 'incomplete' };
  if (left < 0) return unusable('more came than the answer that was asked for');
  const [identity = null, second] = valuesOf(identityHeader);
  return second === undefined ? { state: 'whole', identity } : unusable('it tells two identities');
}

/** Why a connection cannot carry a request after such an answer; null where it can. */
export function framingProblem(
  lengths: readonly string[],
  encodings: readonly string[],
  connections: readonly string[],
): string | null {
  const [length = '', second] = lengths;
  if (encodings.length > 0 || second !== undefined || !/^\d{1,9}$/.test(length)) return 'it does not state its length';
  if (Number(length) > mostBodyBytes) return 'its body is too large';
  return connections.some((value) => /\bclose\b/i.test(value)) ? 'it closes its connection' : null;
}

const unusable = (reason: string): IdentityAnswer => ({ state: 'unusable', reason });
