import { pino } from 'pino';
import { EventStreams } from '../control-plane/http/event-streams.ts';
import type { HttpParts, Server } from '../control-plane/http/http-parts.ts';
import { makeServer } from '../control-plane/http/server.ts';
import { memoryStore } from './memory-store.ts';
import { testEnvironment, testService } from './rollout-builders.ts';

/** The HTTP interface with parts that do nothing, save those that a test brings. */
export function openTestServer(over: Partial<HttpParts> = {}): Promise<Server> {
  return makeServer(
    {
      service: testService,
      environment: testEnvironment,
      plimsollVersion: '0.0.0',
      access: { tokens: null, user: 'ada' },
      onLoopback: true,
      dashboardFolder: null,
      store: memoryStore(),
      pageStreams: new EventStreams(),
      routingStreams: new EventStreams(),
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
      health: () => ({ healthy: true, leaseHeld: true, lastReconciledAgoMs: 0, problems: [] }),
      metrics: async () => '# no metrics\n',
      routing: () => null,
      latestSignals: () => [],
      pools: async () => [],
      gatewayReported: () => 0,
      labelled: () => Promise.reject(new Error('this test has no step')),
      publishedScale: () => {
        throw new Error('this test has no scaling');
      },
      tryIt: () => Promise.reject(new Error('this test has no gateway')),
      ...over,
    },
    pino({ level: 'silent' }),
  );
}
