import { pino } from 'pino';
import type { AccessRules } from '../../control-plane/http/access/authenticate.ts';
import { Credentials } from '../../control-plane/http/access/credentials.ts';
import { FailedLogins } from '../../control-plane/http/access/limits/failed-logins.ts';
import { PageSessions } from '../../control-plane/http/access/page-sessions.ts';
import { EventStreams } from '../../control-plane/http/event-streams.ts';
import type { HttpParts, HttpService, Server } from '../../control-plane/http/http-parts.ts';
import { makeServer } from '../../control-plane/http/server.ts';
import { tokenDigestOf, type AccessToken } from '../../core/access/access-token.ts';
import type { Role } from '../../core/access/role.ts';
import { memoryStore } from '../fakes/memory/memory-store.ts';
import { testEnvironment, testService } from '../builders/rollout-builders.ts';

/** The tokens that a test server takes, unless the test brings others. */
export const testToken = 'plm_of-ada-who-may-operate';
export const testGatewayToken = 'plm_of-a-gateway';
export const asOperator = { authorization: `Bearer ${testToken}` } as const;
export const asGateway = { authorization: `Bearer ${testGatewayToken}` } as const;

/** Reading is open, as on a loopback address; `named` are those of a token file. */
export function testAccess(
  named: () => readonly AccessToken[] = () => [],
  over: Partial<AccessRules> = {},
  nowMs: () => number = () => 0,
): AccessRules {
  const own = (name: string, role: Role, token: string): AccessToken => ({
    ...{ name, role, sha256: tokenDigestOf(token) },
    ...{ service: null, environment: null, expiresAtMs: null },
  });
  return {
    credentials: new Credentials({
      own: [own('ada', 'operate', testToken), own('gateway', 'gateway', testGatewayToken)],
      named,
      nowMs,
    }),
    sessions: new PageSessions(Buffer.alloc(32, 7), nowMs, nowMs),
    failedLogins: new FailedLogins(nowMs),
    openReading: true,
    ...over,
  };
}

/** The HTTP interface with parts of one service that do nothing, save those that a test brings. */
export function openTestServer(over: Partial<HttpParts & HttpService> = {}): Promise<Server> {
  const scope = { service: testService, environment: testEnvironment };
  const service: HttpService = {
    ...scope,
    pageStreams: new EventStreams(),
    routingStreams: new EventStreams(),
    routing: () => null,
    history: async () => [],
    latestSignals: () => [],
    pools: async () => [],
    gatewayReported: () => 0,
    replayKey: 'key-of-golden-replays',
    takeSamples: ({ sequence }) => Promise.resolve(sequence),
    publishedScale: () => {
      throw new Error('this test has no scaling');
    },
    tryIt: () => Promise.reject(new Error('this test has no gateway')),
    toldSignature: () => Promise.reject(new Error('this test has no gateway')),
    ...over,
  };
  const find: HttpParts['find'] = ({ service: name = testService, environment = testEnvironment }) => ({
    ...service,
    service: name,
    environment,
  });
  return makeServer(
    {
      plimsollVersion: '0.0.0',
      access: testAccess(),
      isLocal: () => true,
      dashboardFolder: null,
      store: memoryStore(),
      scopeOf: ({ service: name = testService, environment = testEnvironment }) => ({ service: name, environment }),
      find,
      ofGateway: (_id, asked) => find(asked),
      fleet: () => ({ plimsollVersion: '0.0.0', nowMs: 0, services: [] }),
      fleetStreams: new EventStreams(),
      gatewayStreams: new EventStreams(),
      gatewayServices: () => ({ services: [{ ...scope, names: [testService] }] }),
      routingTables: () => [],
      gatewaysReported: () => ({ recorded: [] }),
      operationsFor: () => {
        throw new Error('this test has no operations');
      },
      identity: () => ({
        service: testService,
        environment: testEnvironment,
        address: 'http://127.0.0.1:7070',
        pid: 1,
        identity: 'host:boot:1:1',
        plimsollVersion: '0.0.0',
      }),
      health: () => ({
        healthy: true,
        leaseHeld: true,
        lastReconciledAgoMs: 0,
        problems: [],
        controlPlane: true,
        service: null,
      }),
      metrics: async () => '# no metrics\n',
      ...over,
    },
    pino({ level: 'silent' }),
  );
}
