import { describe, expect, it } from 'vitest';
import { makeReading } from '../../core/diagnosis/readings/reading.ts';
import type { NodeSnapshot } from '../../core/diagnosis/readings/node-snapshot.ts';
import type { MetricsSource } from '../../ports/serving/metrics-source.ts';
import { makeNodeSnapshot } from '../../testing/builders/diagnosis/make-readings.ts';
import { SelfMovingClock } from '../../testing/fakes/self-moving-clock.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';
import type { DiagnoseReport } from './diagnose-report.ts';

const of = makeReading;
const noMetrics: Pick<MetricsSource, 'read' | 'close'> = { read: async () => [], close: async () => undefined };

/** A node on which the second look shows these counters. */
function nodeOf(changes: Partial<NodeSnapshot>) {
  const clock = new SelfMovingClock();
  let looks = 0;
  const nodeReadings = {
    read: async () => {
      looks += 1;
      return makeNodeSnapshot({ atMs: clock.monotonicMs(), ...(looks > 1 ? changes : {}) });
    },
  };
  return { clock, nodeReadings, metricsSource: async () => noMetrics as MetricsSource };
}

const diskPressure = (ioFullMs: number): Partial<NodeSnapshot> => ({
  pressure: { of: 'node', cpuSomeMs: of(0), ioFullMs: of(ioFullMs), memoryFullMs: of(0) },
});

describe('plimsoll diagnose --node', () => {
  it('suspects what the counters of the node point at, and names nothing without an experiment', async () => {
    const { exit, out } = await runCommandLine(['diagnose', '--node', '--seconds', '4'], nodeOf(diskPressure(1_600)));
    expect(exit).toBe(3);
    expect(out).toContain('this node, over 4.0 s: undetermined; likeliest: storage');
    expect(out).toContain('storage  time in which everything waits for a disk: 40% (line: at least 5%)');
    expect(out).toContain('would decide: the experiment preloaded-data');
  });

  it('passes where nothing is suspected, and lists what was not read', async () => {
    const { exit, out } = await runCommandLine(['diagnose', '--node'], nodeOf({}));
    expect(exit).toBe(0);
    expect(out).toContain('no cause is suspected');
    expect(out).toMatch(/Not read.*\n(.*\n)*.*no service is looked at/);
  });

  it('gives the same to programs', async () => {
    const { out } = await runCommandLine(['diagnose', '--node', '--json'], nodeOf(diskPressure(4_000)));
    const { service, waterfall, finding, suspicions } = JSON.parse(out) as DiagnoseReport;
    expect({ service, waterfall, verdict: finding.verdict }).toEqual({
      service: null,
      waterfall: null,
      verdict: 'undetermined',
    });
    expect(suspicions.suspected.map(({ cause }) => cause)).toEqual(['storage']);
  });

  it.each([
    [['--node', '--load'], '--node looks at this node alone'],
    [['--node', 'digits'], '--node looks at this node alone'],
    [['--node', '--seconds', '60'], 'from 1 to 15'],
  ])('refuses %j', async (words, said) => {
    const { exit, err } = await runCommandLine(['diagnose', ...words], nodeOf({}));
    expect(exit).toBe(2);
    expect(err).toContain(said);
  });
});
