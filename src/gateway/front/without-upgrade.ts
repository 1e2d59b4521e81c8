import type { IncomingMessage } from 'node:http';

/** Fields of an offer to go on in another protocol (RFC 9110 7.8, RFC 7540 3.2.1), which a server may pass over. */
const offers: ReadonlySet<string> = new Set(['upgrade', 'http2-settings']);

/**
 * The head of a request as it came, without the offer of another protocol. Node's parser stops behind a head with one, and would drop what
 * came in the same packet: read again without the offer, the request and what follows keep their place.
 */
export function headWithoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (!offers.has(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[at + 1]}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
