import { afterEach, expect, test } from 'vitest';
import type { SampleSegment } from '../../../../core/monitoring/samples/sample.ts';
import { segmentBytesAtMost } from '../../../../schemas/monitoring/sample-segment.ts';
import { aCapture, encodeCaptures } from '../../../../testing/builders/captures.ts';
import { asGateway, asOperator, openTestServer, testAccess } from '../../../../testing/rigs/control-plane-server.ts';
import { tokenDigestOf } from '../../../../core/access/access-token.ts';
import { PlimsollError } from '../../../../core/units/errors.ts';
import type { HttpService, Server } from '../../http-parts.ts';

let server: Server;
afterEach(() => server.close());

const spool = 'a'.repeat(32);
const records = Buffer.from(encodeCaptures([aCapture(), aCapture()]));

const ofOther = { name: 'other-gateway', role: 'gateway', token: 'plm_of-the-gateway-of-another-service' } as const;
const asOther = { authorization: `Bearer ${ofOther.token}` };
/** Of a gateway of the service `other` alone. */
const access = testAccess(() => [
  {
    ...{ name: ofOther.name, role: ofOther.role, sha256: tokenDigestOf(ofOther.token) },
    ...{ service: 'other', environment: null, expiresAtMs: null },
  },
]);

async function post(over: { query?: string; body?: Buffer; headers?: object; take?: HttpService['takeSamples'] } = {}) {
  const taken: SampleSegment[] = [];
  const takeSamples: HttpService['takeSamples'] = (segment) => {
    taken.push(segment);
    return Promise.resolve(segment.sequence);
  };
  server = await openTestServer({ access, takeSamples: over.take ?? takeSamples });
  const answer = await server.inject({
    method: 'POST',
    url: `/v1/gateways/g-1/samples?${over.query ?? `service=digits&spool=${spool}&sequence=7`}`,
    headers: {
      host: '127.0.0.1:7070',
      'content-type': 'application/vnd.plimsoll.segment',
      ...(over.headers ?? asGateway),
    },
    body: over.body ?? records,
  });
  return { status: answer.statusCode, body: answer.json<{ error?: { code: string; message: string } }>(), taken };
}

test('a segment is taken with the bytes of its bodies, and acknowledged', async () => {
  const { status, body, taken } = await post({ body: Buffer.concat([records, records.subarray(0, 50)]) });
  expect([status, body]).toEqual([200, { acknowledged: 7 }]);
  expect(taken).toMatchObject([{ gatewayId: 'g-1', spoolId: spool, sequence: 7 }]);
  expect(taken[0]?.samples.map(({ request }) => Buffer.from(request.body).toString())).toEqual([
    'question',
    'question',
  ]);
});

test('a gateway of one service gives its samples for that service', async () => {
  const query = `service=other&spool=${spool}&sequence=7`;
  const { status, taken } = await post({ headers: asOther, query });
  expect([status, taken.length]).toEqual([200, 1]);
});

test('what could not be recorded is not acknowledged', async () => {
  const error = new PlimsollError({ code: 'store-away', category: 'unavailable', message: 'away' });
  expect((await post({ take: () => Promise.reject(error) })).status).toBe(503);
});

test.each([
  ['a gateway of another service', { headers: { ...asOther } }, 403],
  [
    'a gateway of another service that names none',
    { headers: { ...asOther }, query: `spool=${spool}&sequence=7` },
    403,
  ],
  ['another role', { headers: { authorization: `${asOperator.authorization}x` } }, 401],
  ['a record that is no captured request', { body: Buffer.from('\0\0\0\u0002\0\0\0\0\0\0\0\0{}') }, 400],
  ['another content type', { headers: { ...asGateway, 'content-type': 'application/json' } }, 415],
  ['no spool', { query: 'service=digits&sequence=7' }, 400],
  ['a sequence of zero', { query: `spool=${spool}&sequence=0` }, 400],
  ['a body above the bound', { body: Buffer.alloc(segmentBytesAtMost + 1) }, 413],
])('%s is refused', async (_what, over, status) => {
  const answer = await post(over);
  expect([answer.status, answer.taken]).toEqual([status, []]);
});
