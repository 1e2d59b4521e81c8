import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';

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
/** A limit of one client: the service is not at fault, and its health does not suffer. */
const limited = (message: string, next: string): Refusal => ({
  status: 429,
  message,
  next: `${next}; \`gateway.clients\` of the contract sets the limit`,
  retryAfterSeconds: 1,
  blame: 'client',
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
  'replay-refused': client(
    403,
    'plimsoll-replay is a field of golden replays, and this is none of the control plane',
    'send the request without it',
  ),
  'service-unknown': client(
    404,
    'the service is not known here',
    'name the service in the path, /services/NAME/..., or as the first label of the host, NAME.example.com',
  ),
  'service-removed': client(
    410,
    'the service was removed',
    'ask its owner; `plimsoll release` in its folder takes it up again',
  ),
  'not-http': client(
    400,
    'this does not begin like an HTTP/1.1 request',
    'begin with METHOD /PATH HTTP/1.1, and use http:// where the address has no TLS in front of it',
  ),
  'head-invalid': client(
    400,
    'a header field of the request is malformed',
    'send NAME: VALUE, one a line, with no blank before the colon and no folded lines',
  ),
  'host-invalid': client(
    400,
    'the request has no Host field, or several',
    'send exactly one, for example Host: 127.0.0.1:8080',
  ),
  'framing-invalid': client(
    400,
    'the length of the request body is missing, malformed or ambiguous',
    'send exactly one of Content-Length and Transfer-Encoding: chunked',
  ),
  'body-unexpected': client(400, 'a GET or HEAD request has no body', 'send the request without a body, or by POST'),
  'expectation-unknown': client(
    417,
    'the only expectation understood is 100-continue',
    'send the request without Expect, or with Expect: 100-continue',
  ),
  'method-unknown': client(501, 'this method is not known', 'use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS'),
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
  'body-too-large': client(
    413,
    'the body is larger than this gateway passes on',
    'send less, or start the gateway with a larger --max-body; the server behind it has a limit of its own',
  ),
  'body-stalled': client(408, 'the body did not arrive in time', 'send the whole body before the deadline'),
  'headers-stalled': client(408, 'the head of the request did not arrive in time', 'send the whole head at once'),
  'headers-too-large': client(431, 'the head of the request is too large', 'send fewer or shorter headers'),
  'client-requests': limited('this client sends more requests than it may', 'send fewer requests a second'),
  'client-concurrent': limited(
    'this client has as many requests open as it may',
    'wait for an answer before the next request',
  ),
  'client-bytes': limited('this client sends and receives more bytes than it may', 'send less, or less often'),
  'queue-full': overload(
    429,
    'too many requests wait for a replica, and this client has its part of them',
    'try again later, or raise scaling.replicas.max',
  ),
  'service-busy': overload(
    429,
    'this service has as many requests open as this gateway can give it beside the others',
    'try again later, or run more gateways',
  ),
  'services-pending': overload(
    503,
    'this gateway does not know its services yet',
    "try again in a moment; the gateway's log says whether it reaches its control plane",
  ),
  'no-replica': overload(503, 'no replica serves this service', 'look at `plimsoll status`'),
  draining: overload(503, 'this gateway is stopping', 'try again on a new connection'),
  'replica-broken': replica(502, 'the replica broke off without an answer', "look at the replica's log"),
  'deadline-exceeded': replica(504, 'no answer before the deadline', 'raise plimsoll-deadline-ms, or add replicas'),
} as const satisfies Readonly<Record<string, Refusal>>;

/** What may be passed on; said with every 405. */
export const allowedMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export type RefusalCode = keyof typeof refusals;

/** Which limit it was, where the server behind has one of its own. */
export function limitOf(code: RefusalCode, { maxBodyBytes }: { readonly maxBodyBytes: number }): string | undefined {
  return code === 'body-too-large' ? `at most ${formatBytes(maxBodyBytes)}` : undefined;
}

/** The body of every answer that the gateway gives by itself. */
export function refusalBody(code: RefusalCode, detail?: string): string {
  const { message, next } = refusals[code];
  return `${JSON.stringify({ error: detail === undefined ? message : `${message}: ${detail}`, code, next })}\n`;
}
