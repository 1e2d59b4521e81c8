/** Exporters that lie about units: what they tell is unknown, and neither suspects nor clears a cause. */
import { describe, expect, it } from 'vitest';
import { makeDevice, makeNodeSnapshot, makeThread } from '../../../testing/builders/diagnosis/make-readings.ts';
import type { ServerPhase } from '../waterfall/request-phase.ts';
import type { ServiceSnapshot } from '../waterfall/service-snapshot.ts';
import { drawWaterfall, measureService } from '../waterfall/waterfall.ts';
import { measureWindow } from './measure-window.ts';
import type { DeviceSnapshot } from './node-snapshot.ts';
import { measureRequests } from './read-requests.ts';
import { makeReading } from './reading.ts';
import type { ReadingName } from './window-readings.ts';

const of = makeReading;

describe('a DCGM exporter', () => {
  const valueOf = (name: ReadingName, device: Partial<DeviceSnapshot>) => {
    const at = (atMs: number) => makeNodeSnapshot({ atMs, devices: { list: [makeDevice(device)] } });
    return measureWindow(at(0), at(1_000), { service: null, waterfall: null, generator: null }).values[name];
  };

  it.each<[string, ReadingName, Partial<DeviceSnapshot>, RegExp]>([
    ['activity in percent', 'smActiveShare', { smActiveShare: of(87) }, /no share of 1/],
    ['activity of memory below zero', 'dramActiveShare', { dramActiveShare: of(-0.2) }, /no share of 1/],
    ['clocks in kHz', 'clockShare', { clockMhz: of(1_980_000), clockMhzAtMost: of(1_980) }, /another unit than MHz/],
    [
      'clocks above their maximum',
      'clockShare',
      { clockMhz: of(2_500), clockMhzAtMost: of(1_980) },
      /above its own maximum/,
    ],
    [
      'memory in kibibytes',
      'deviceMemoryUseShare',
      { memoryUsedBytes: of(80e12), memoryTotalBytes: of(80e9) },
      /above its own maximum/,
    ],
    [
      'traffic in bits',
      'busUseShare',
      {
        ...{ linkGenerationAtMost: of(4), linkWidthAtMost: of(16) },
        ...{ busBytesPerSecond: of(8 * 20e9), busBytesPerSecondAtMost: of(24e9) },
      },
      /another unit than bytes/,
    ],
    [
      'more lanes than the link has',
      'linkWidthShare',
      { linkWidth: of(32), linkWidthAtMost: of(16) },
      /above its own maximum/,
    ],
  ])('that tells %s tells nothing', (_what, name, device, said) => {
    expect(valueOf(name, device)).toMatchObject({ unknown: expect.stringMatching(said) as string });
  });
});

describe('a server', () => {
  /** After so many requests of 20 ms, 10 ms of them in the server, 4 ms of the engine. */
  const snapshot = (count: number, units: { readonly phases?: number; readonly engine?: number }): ServiceSnapshot => {
    const { phases = 1, engine = 1 } = units;
    const phase = (ms: number) => of(ms * phases * count);
    const phasesMs: Record<ServerPhase, ReturnType<typeof of>> = {
      ...{
        receive: phase(0),
        preprocess: phase(3),
        upstream: phase(0),
        'batch-wait': phase(2),
        run: phase(4),
        encode: phase(1),
      },
    };
    return {
      atMs: count * 20,
      gateways: [
        {
          ...{ gatewayId: 'g1', requests: of(count), totalMs: of(20 * count), replicaMs: of(12 * count) },
          phasesMs: { admission: of(count), queue: of(5 * count), connect: of(0), answer: of(2 * count) },
        },
      ],
      servers: [
        {
          replicaId: 'r1',
          requests: of(count),
          phasesMs,
          engineMs: of(4 * engine * count),
          batches: of(count),
          rows: of(count),
          rowsAtMost: of(8),
        },
      ],
    };
  };
  const read = (units: Parameters<typeof snapshot>[1], delayMs: number | null = null) => {
    const service = measureService(snapshot(0, units), snapshot(500, units));
    const generator = delayMs === null ? null : { delayMs: of(delayMs), achievedShare: of(1) };
    return measureRequests(service, drawWaterfall(service), generator);
  };

  it('that answers in 20 ms is held up by a generator that is late by more than timers resolve', () => {
    expect(read({}, 0.9).generatorDelayShare).toEqual(of(0));
    expect(read({}, 5).generatorDelayShare).toEqual(of(0.2));
    expect(read({}).generatorDelayShare).toHaveProperty('unknown');
  });

  it('that tells the truth is believed', () => {
    expect(read({})).toMatchObject({
      preprocessTimeShare: of(0.15),
      engineRunShare: of(0.2),
      transferTimeShare: of(0.1),
    });
  });

  it('that tells its phases in microseconds accuses none of them', () => {
    const readings = read({ phases: 1_000 });
    for (const name of ['preprocessTimeShare', 'batchWaitTimeShare'] as const) {
      expect(readings[name]).toMatchObject({
        unknown: expect.stringContaining('longer than the whole request') as string,
      });
    }
    expect(readings.transferTimeShare).toHaveProperty('unknown');
    const busy = [0, 500].map((cpuMs, at) =>
      makeNodeSnapshot({ atMs: at * 500, threads: { list: [makeThread({ cpuMs: of(cpuMs) })] } }),
    );
    const [before, after] = busy;
    if (before === undefined || after === undefined) throw new Error('two looks');
    const service = measureService(snapshot(0, { phases: 1_000 }), snapshot(500, { phases: 1_000 }));
    const parts = { service, waterfall: drawWaterfall(service), generator: null };
    expect(measureWindow(before, after, parts).values.preprocessOfThreadShare).toHaveProperty('unknown');
    // What the gateway tells stands.
    expect(readings.queueTimeShare).toEqual(of(0.25));
  });

  it('that tells the time of its engine in microseconds does not call it busy', () => {
    expect(read({ engine: 1_000 }).engineRunShare).toMatchObject({
      unknown: expect.stringContaining('told in another unit') as string,
    });
  });
});
