/** What the gateway answers by itself. `category` groups them in the metrics and the report. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly next: string;
  readonly retryAfterSeconds?: number;
  /** `client`: the request is wrong; `overload`: 429 and 503; `replica`: 502 and 504. */
  readonly blame: 'client' | 'overload' | 'replica';
}

const client = (status: number, message: string, next: string): Refusal => ({ status, message, next, blame: 'client' });
const overload = (status: number, message: string, next: string): Refusal => ({
  status,
  message,
  next,
  retryAfterSeconds: 1,
  blame: 'overload',
});
const replica = (status: number, message: string, next: string): Refusal => ({
  status,
  message,
  next,
  blame: 'replica',
});

export const refusals = {
  'target-invalid': client(
    400,
    'the request target is not a plain path',
    'send a path without dot segments, empty segments or backslashes',
  ),
  'not-in-protocol': client(
    404,
    "this path is not part of the service's protocol",
    'use /v2/... for open-inference-v2 and /v1/... for openai',
  ),
  'administration-refused': client(
    403,
    'a gateway does not pass on requests that change a replica',
    'release or roll back with `plimsoll`',
  ),
  'framing-invalid': client(
    400,
    'the request is not valid HTTP/1.1, or its length is ambiguous',
    'send exactly one of Content-Length and Transfer-Encoding: chunked',
  ),
  'coding-unknown': client(
    501,
    'the only transfer coding understood is chunked',
    'send Content-Length or Transfer-Encoding: chunked',
  ),
  'method-refused': client(405, 'this method is not passed on', 'use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS'),
  'upgrade-refused': client(501, 'a gateway does not upgrade connections', 'use plain HTTP/1.1 or server-sent events'),
  'deadline-invalid': client(
    400,
    'plimsoll-deadline-ms is not a positive whole number',
    'send the milliseconds left, for example plimsoll-deadline-ms: 500',
  ),
  'key-missing': client(401, 'this service asks for a client key', 'send Authorization: Bearer KEY'),
  'key-unknown': client(401, 'this client key is not known', 'ask the owner of the service for a key'),
  'body-too-large': client(413, 'the body is larger than this gateway passes on', 'send less, or raise --max-body'),
  'body-stalled': client(408, 'the body did not arrive in time', 'send the whole body before the deadline'),
  'headers-stalled': client(408, 'the head of the request did not arrive in time', 'send the whole head at once'),
  'headers-too-large': client(431, 'the head of the request is too large', 'send fewer or shorter headers'),
  'queue-full': overload(429, 'too many requests wait for a replica', 'try again later, or raise scaling.replicas.max'),
  'no-replica': overload(503, 'no replica serves this service', 'look at `plimsoll status`'),
  draining: overload(503, 'this gateway is stopping', 'try again on a new connection'),
  'replica-broken': replica(502, 'the replica broke off without an answer', "look at the replica's log"),
  'deadline-exceeded': replica(504, 'no answer before the deadline', 'raise plimsoll-deadline-ms, or add replicas'),
} as const satisfies Readonly<Record<string, Refusal>>;

export type RefusalCode = keyof typeof refusals;

/** The body of every answer that the gateway gives by itself. */
export function refusalBody(code: RefusalCode, detail?: string): string {
  const { message, next } = refusals[code];
  return `${JSON.stringify({ error: detail === undefined ? message : `${message}: ${detail}`, code, next })}\n`;
}
