import { describe, expect, it } from 'vitest';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { SignalFeed } from './signal-feed.ts';

const report = (over: Partial<GatewayReport>): GatewayReport => ({
  gatewayId: 'g1',
  address: 'http://127.0.0.1:8080',
  pid: 1,
  startedAtMs: 0,
  acknowledgedGeneration: 1,
  atMs: 1_000,
  residentBytes: 1,
  queueDepth: 1,
  inFlight: 2,
  arrivals: 0,
  answered: 0,
  rejected: 0,
  failed: 0,
  retried: 0,
  releases: [],
  replicas: [],
  ...over,
});
const feedOf = () => {
  const clock = new FakeClock();
  return { clock, feed: new SignalFeed(clock, () => null) };
};

describe('the signals of a second', () => {
  it('are rates between two reports, summed over gateways', () => {
    const { feed } = feedOf();
    for (const [gatewayId, arrivals] of [
      ['g1', 100],
      ['g2', 50],
    ] as const) {
      feed.report(report({ gatewayId, atMs: 1_000 }));
      feed.report(report({ gatewayId, atMs: 3_000, arrivals, failed: 2, rejected: 4 }));
    }
    expect(feed.sample()).toMatchObject({ requestsPerSecond: 75, errorsPerSecond: 6, queueDepth: 2, inFlight: 4 });
  });

  it('count from zero after a gateway was started again, and never below', () => {
    const { feed } = feedOf();
    feed.report(report({ atMs: 1_000, arrivals: 5_000 }));
    feed.report(report({ startedAtMs: 2_000, atMs: 3_000, arrivals: 10 }));
    expect(feed.sample().requestsPerSecond).toBe(10);
    feed.report(report({ startedAtMs: 2_000, atMs: 4_000, arrivals: 0 }));
    expect(feed.sample().requestsPerSecond).toBe(0);
  });

  it('weigh the medians of releases by their requests, and show the worst tail', () => {
    const { feed } = feedOf();
    const release = (number: number, requests: number, p50: number, p99: number) => ({
      release: number,
      requests,
      errors: 0,
      latencyP50Ms: p50,
      latencyP99Ms: p99,
    });
    feed.report(report({ atMs: 1_000, releases: [release(1, 0, 0, 0), release(2, 0, 0, 0)] }));
    feed.report(report({ atMs: 2_000, releases: [release(1, 30, 2, 9), release(2, 10, 6, 40)] }));
    expect(feed.sample()).toMatchObject({ latencyP50Ms: 3, latencyP99Ms: 40 });
  });

  it('leave out a gateway that fell silent', async () => {
    const { feed, clock } = feedOf();
    feed.report(report({ atMs: 1_000, arrivals: 100 }));
    expect(feed.sample().requestsPerSecond).toBe(100);
    await clock.advance(4_000);
    expect(feed.sample().requestsPerSecond).toBeNull();
  });

  it('are kept for ten minutes and no longer', () => {
    const { feed } = feedOf();
    for (let second = 0; second < 1_000; second += 1) feed.sample();
    expect(feed.latest(5_000)).toHaveLength(600);
    expect(feed.latest(3)).toHaveLength(3);
  });
});
