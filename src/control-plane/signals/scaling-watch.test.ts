import { describe, expect, it } from 'vitest';
import type { GatewayReport } from '../../schemas/gateway/gateway-report.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { aGatewayReport } from '../../testing/builders/gateway-reports.ts';
import { ScalingWatch } from './scaling-watch.ts';

function watched() {
  const clock = new FakeClock();
  const watch = new ScalingWatch(clock);
  const report = (arrivals: number, over: Partial<GatewayReport> = {}): void =>
    watch.report(aGatewayReport(clock.nowMs(), { arrivals }, over));
  return { clock, watch, report };
}

describe('ScalingWatch', () => {
  it('knows nothing until every gateway had the time to report', async () => {
    const { clock, watch, report } = watched();
    report(0);
    expect(watch.read().queueDepth).toBeNull();
    await clock.advance(3_000);
    report(30);
    expect(watch.read()).toMatchObject({ queueDepth: 0, arrivalsPerSecond: 10 });
  });

  it('counts rates from one reading to the next, however many reports came in between', async () => {
    const { clock, watch, report } = watched();
    for (let second = 0; second <= 8; second += 1) {
      report(second * second);
      if (second === 4 || second === 6) watch.read();
      if (second < 8) await clock.advance(1_000);
    }
    expect(watch.read().arrivalsPerSecond).toBe((64 - 36) / 2);
  });

  it('sees at once that a request waits, and lets the rate go on over the time before', async () => {
    const { clock, watch, report } = watched();
    report(0);
    await clock.advance(4_000);
    watch.read();
    report(40);
    watch.read();
    await clock.advance(100);
    report(41, { queueDepth: 1 });
    expect(watch.waiting).toBe(true);
    expect(watch.read()).toMatchObject({ queueDepth: 1, arrivalsPerSecond: 10 });
  });

  it('calls a silent gateway unknown, and forgets it once it counts no more', async () => {
    const { clock, watch, report } = watched();
    const both = (arrivals: number): void => {
      report(arrivals);
      report(arrivals, { gatewayId: 'g2' });
    };
    both(0);
    await clock.advance(4_000);
    both(40);
    expect(watch.read()).toMatchObject({ queueDepth: 0 });
    for (let second = 1; second <= 11; second += 1) {
      await clock.advance(1_000);
      report(40 + second);
      const known = watch.read().queueDepth !== null;
      expect([second, known]).toEqual([second, second <= 3 || second > 10]);
    }
  });

  it('knows no rate where the clock of an older gateway steps ahead, and the rate again after the next report', async () => {
    const { clock, watch, report } = watched();
    report(0);
    await clock.advance(4_000);
    report(40);
    watch.read();
    const rateAfter = async (arrivals: number, stepMs: number): Promise<number | null> => {
      await clock.advance(2_000);
      report(arrivals, { atMs: clock.nowMs() + stepMs });
      return watch.read().arrivalsPerSecond;
    };
    expect(await rateAfter(60, 3_600_000)).toBeNull();
    expect(await rateAfter(80, 3_600_000)).toBe(10);
    expect(await rateAfter(100, 0)).toBeNull();
  });

  it('tells when what it knows was heard, by the clock of the control plane', async () => {
    const { clock, watch, report } = watched();
    report(0, { atMs: 5 });
    const heardAtMs = clock.nowMs();
    await clock.advance(1_500);
    expect(watch.look().atMs).toBe(heardAtMs);
  });
});
