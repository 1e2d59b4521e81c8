import type { KeyDoc } from './key-doc.ts';

const rate = 'a rate such as `50/s`, `90/m` or `1000/h`';
const byteRate = 'bytes a second such as `10MB/s` or `4MiB/s`';
const openRequests = 'a whole number from 1 to 100000';

export const gatewayKeys: readonly KeyDoc[] = [
  {
    key: 'gateway',
    meaning: 'What gateways hold the clients of this service to. A change moves no replica.',
    form: 'a section with `clients`',
    default: 'not written: no client has a limit, and clients that wait take turns',
    example: '{ clients: { each: { requests: 50/s, concurrent: 20 } } }',
  },
  {
    key: 'gateway.clients',
    meaning:
      'Who counts as one client, and what each may ask. Limits hold for each gateway by itself. Whether limits are written or not, clients take turns where requests wait for a replica.',
    form: 'a section with `by`, `each` and `named`',
    default: 'not written: no client has a limit, and clients that wait take turns',
    example: '{ each: { requests: 50/s }, named: { batch: { weight: 1, concurrent: 4 } } }',
  },
  {
    key: 'gateway.clients.by',
    meaning:
      'Who counts as one client: the value of a header field. Only for a gateway behind a proxy that sets the field itself: a client that chooses the value is a new client with each request.',
    form: '`header:` and the name of a header, such as `header:x-tenant`',
    default: 'the name of the client key where the gateway asks for keys, else the address',
    example: 'header:x-tenant',
  },
  {
    key: 'gateway.clients.each',
    meaning: 'Limits of each client. A request beyond one is answered 429 with `Retry-After`.',
    form: 'a section with `requests`, `concurrent` and `bytes`',
    default: 'no limit',
    example: '{ requests: 50/s, concurrent: 20, bytes: 10MB/s }',
  },
  {
    key: 'gateway.clients.each.requests',
    meaning: 'Requests that each client may send. A pause saves up one second of them at most.',
    form: rate,
    default: 'no limit',
    example: '50/s',
  },
  {
    key: 'gateway.clients.each.concurrent',
    meaning: 'Requests that each client may have open at the same time, those that wait among them.',
    form: openRequests,
    default: 'no limit',
    example: '20',
  },
  {
    key: 'gateway.clients.each.bytes',
    meaning:
      'Bytes of requests and answers together of each client. What went beyond it is earned back before the next request is let in.',
    form: byteRate,
    default: 'no limit',
    example: '10MB/s',
  },
  {
    key: 'gateway.clients.named',
    meaning: 'Clients with limits or a weight of their own; what one does not write is as in `each`.',
    form: 'names of client keys, or values of the header of `by`, with sections; at most 100',
    default: 'none: all clients are held to `each`',
    example: '{ batch: { weight: 1, concurrent: 4 }, web: { weight: 8 } }',
  },
  {
    key: 'gateway.clients.named.<name>',
    meaning: 'One client, by the name of its key or the value of its header.',
    form: 'a section with `weight`, `requests`, `concurrent` and `bytes`',
    default: 'as `each`, with weight 1',
    example: '{ weight: 4, requests: 500/s }',
  },
  {
    key: 'gateway.clients.named.<name>.weight',
    meaning:
      'Part of this client where requests wait for a replica: with weight 4 it gets four places for one of a client with weight 1.',
    form: 'a whole number from 1 to 1000',
    default: '1',
    example: '4',
  },
  {
    key: 'gateway.clients.named.<name>.requests',
    meaning: 'Requests that this client may send.',
    form: rate,
    default: 'as `each.requests`',
    example: '500/s',
  },
  {
    key: 'gateway.clients.named.<name>.concurrent',
    meaning: 'Requests that this client may have open at the same time.',
    form: openRequests,
    default: 'as `each.concurrent`',
    example: '4',
  },
  {
    key: 'gateway.clients.named.<name>.bytes',
    meaning: 'Bytes of requests and answers together of this client.',
    form: byteRate,
    default: 'as `each.bytes`',
    example: '50MB/s',
  },
];
