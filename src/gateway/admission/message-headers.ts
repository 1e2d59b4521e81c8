/** Connection-level fields of RFC 9110 7.6.1, which end at this hop, and fields that this hop writes itself. */
const keptBack: Readonly<Record<'request' | 'response', ReadonlySet<string>>> = {
  request: new Set([
    'connection',
    'keep-alive',
    'proxy-connection',
    'proxy-authorization',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'http2-settings',
    'host',
    'expect',
    'content-length',
    'x-request-id',
    'traceparent',
  ]),
  response: new Set([
    'connection',
    'keep-alive',
    'proxy-connection',
    'proxy-authenticate',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'x-request-id',
    'plimsoll-release',
    'plimsoll-replica',
    'plimsoll-model-version',
    'plimsoll-replay',
  ]),
};

/** Fields that only this hop says to a replica begin like this. */
const ownFields = 'plimsoll-';

/** Clients spell the same few names the same way: remembering each spelling saves lower-casing it on every request. */
const remembered = new Map<string, boolean>();
const rememberedLimit = 1000;

function passesToReplica(name: string): boolean {
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  const passes = !keptBack.request.has(lower) && !lower.startsWith(ownFields);
  if (remembered.size < rememberedLimit) remembered.set(name, passes);
  return passes;
}

/** Names that a `Connection` field lists besides `keep-alive` and `close`; they end at this hop too. */
export function connectionOptions(connection: string | undefined): ReadonlySet<string> | null {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return null;
  const names = connection
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  return new Set(names);
}

/**
 * Adds the client's fields that a replica gets to `headers`, a flat list of names and values that begins with this hop's own.
 * @param withheld one more name to keep back (`authorization` when the key was the gateway's to check).
 */
export function addHeadersToReplica(
  headers: string[],
  rawHeaders: readonly string[],
  connection: string | undefined,
  withheld: string | null,
): void {
  const listed = connectionOptions(connection);
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (!passesToReplica(name)) continue;
    if (withheld !== null && name.length === withheld.length && name.toLowerCase() === withheld) continue;
    if (listed !== null && listed.has(name.toLowerCase())) continue;
    headers.push(name, rawHeaders[at + 1] as string);
  }
}

export type ReplicaHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Adds the replica's fields that a client gets to `passed`, a flat list; a repeated field keeps its values apart. An answer of 204 has no body, and so no
 * length (RFC 9110 8.6): a client that believes one would take the next answer for it.
 */
export function addHeadersToClient(passed: string[], headers: ReplicaHeaders, status: number): void {
  const connection = headers['connection'];
  const listed = connectionOptions(typeof connection === 'string' ? connection : connection?.join(','));
  for (const name in headers) {
    const value = headers[name];
    if (status === 204 && name === 'content-length') continue;
    if (value === undefined || keptBack.response.has(name) || (listed !== null && listed.has(name))) continue;
    if (typeof value === 'string') passed.push(name, value);
    else for (const each of value) passed.push(name, each);
  }
}
