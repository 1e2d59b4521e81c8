import { describe, expect, it } from 'vitest';
import { addOutcomes } from '../../core/health/outcomes.ts';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { OutcomeWatch } from './outcome-watch.ts';

const clockAt = (): FakeClock => new FakeClock();
const report = (clock: FakeClock, requests: number, failed = 0, over: Partial<GatewayReport> = {}): GatewayReport => ({
  gatewayId: 'g1',
  address: 'http://127.0.0.1:8080',
  pid: 1,
  startedAtMs: clock.nowMs() + 1,
  acknowledgedGeneration: 1,
  atMs: clock.nowMs(),
  residentBytes: 0,
  queueDepth: 0,
  inFlight: 0,
  arrivals: requests,
  answered: requests,
  rejected: 0,
  failed,
  retried: 0,
  releases: [],
  replicas: [],
  outcomes: { requests, failed, latency: { 90: requests - failed } },
  ...over,
});

describe('what gateways report, added up', () => {
  it('counts what came since the report before, in spans that do not overlap', async () => {
    const clock = clockAt();
    const watch = new OutcomeWatch(clock);
    const startedAtMs = clock.nowMs();
    for (let second = 1; second <= 600; second += 1) {
      await clock.advance(1_000);
      watch.report(report(clock, second * 10, second, { startedAtMs }));
    }
    const spans = watch.spans();
    expect(addOutcomes(spans)).toEqual({ requests: 6_000, failed: 600, latency: { 90: 5_400 } });
    for (const [at, { fromMs, toMs }] of spans.entries()) {
      expect(toMs).toBeGreaterThan(fromMs);
      if (at > 0) expect(fromMs).toBeGreaterThanOrEqual(spans[at - 1]?.toMs ?? 0);
    }
    expect(spans.length).toBeLessThan(50);
    await clock.advance(3_606_000);
    expect(addOutcomes(watch.spans()).requests).toBe(0);
  });

  it('keeps first tokens apart from whole answers, also over its own restart', async () => {
    const clock = clockAt();
    const watch = new OutcomeWatch(clock);
    const startedAtMs = clock.nowMs();
    for (let second = 1; second <= 3; second += 1) {
      await clock.advance(1_000);
      const outcomes = { requests: second * 10, failed: 0, latency: { 90: second * 10 }, ttft: { 40: second * 4 } };
      watch.report(report(clock, second * 10, 0, { startedAtMs, outcomes }));
    }
    expect(addOutcomes(watch.spans())).toMatchObject({ latency: { 90: 30 }, ttft: { 40: 12 } });
    await clock.advance(5_000);
    const next = new OutcomeWatch(clock);
    next.restore(watch.spans());
    expect(addOutcomes(next.spans())).toMatchObject({ latency: { 90: 30 }, ttft: { 40: 12 } });
  });

  it('begins anew with a gateway that was started again, and takes nothing from one that counted before', async () => {
    const clock = clockAt();
    await clock.advance(10_000);
    const watch = new OutcomeWatch(clock);
    watch.report(report(clock, 1_000, 500, { startedAtMs: 1 }));
    expect(addOutcomes(watch.spans()).requests).toBe(0);
    watch.report(report(clock, 1_010, 501, { startedAtMs: 1 }));
    expect(addOutcomes(watch.spans())).toMatchObject({ requests: 10, failed: 1 });
    watch.report(report(clock, 4, 0, { startedAtMs: clock.nowMs() }));
    expect(addOutcomes(watch.spans())).toMatchObject({ requests: 14, failed: 1 });
  });

  it('adds up several gateways, and what one of an older version tells', () => {
    const clock = clockAt();
    const watch = new OutcomeWatch(clock);
    watch.report(report(clock, 5));
    const { outcomes: _, ...older } = report(clock, 7, 2, { gatewayId: 'g2', rejected: 3 });
    watch.report(older);
    expect(addOutcomes(watch.spans())).toMatchObject({ requests: 15, failed: 5 });
  });

  it('goes on after the clock was set back, and forgets what lies in a time to come', async () => {
    const clock = clockAt();
    await clock.advance(7_200_000);
    const watch = new OutcomeWatch(clock);
    const startedAtMs = clock.nowMs();
    watch.report(report(clock, 10, 0, { startedAtMs }));
    clock.stepTimeOfDay(-20_000);
    watch.report(report(clock, 20, 0, { startedAtMs }));
    expect(addOutcomes(watch.spans()).requests).toBe(20);
    clock.stepTimeOfDay(-3_600_000);
    watch.report(report(clock, 25, 0, { startedAtMs }));
    expect(addOutcomes(watch.spans()).requests).toBe(5);
  });
});
