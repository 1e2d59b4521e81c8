import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GatewayLoad, GatewayScaling } from './gateway-load.ts';
import { scalingSignals } from './scaling-signals.ts';

const counters = (over: Partial<GatewayScaling> = {}): GatewayScaling => ({
  oldestWaitMs: 0,
  arrivals: 100,
  completions: 90,
  timed: 80,
  serviceMs: 4_000,
  ...over,
});
const load = (atMs: number, over: Partial<GatewayLoad> = {}): GatewayLoad => ({
  gatewayId: 'g1',
  startedAtMs: 1,
  atMs,
  queueDepth: 2,
  inFlight: 3,
  replicas: [{ replicaId: 'a', inFlight: 3 }],
  scaling: counters(),
  ...over,
});
const rates = ({ arrivalsPerSecond, completionsPerSecond, serviceMs }: ReturnType<typeof scalingSignals>) => [
  arrivalsPerSecond,
  completionsPerSecond,
  serviceMs,
];

describe('scalingSignals', () => {
  test('adds up gateways: rates over the time of each, the longest wait, the mean time with a replica', () => {
    const other = { gatewayId: 'g2', startedAtMs: 7, queueDepth: 1, inFlight: 1 };
    const signals = scalingSignals(
      [
        {
          before: load(1_000),
          now: load(3_000, { scaling: counters({ arrivals: 140, completions: 110, timed: 90, serviceMs: 4_500 }) }),
        },
        {
          before: load(500, { ...other, scaling: counters({ arrivals: 5, completions: 5 }) }),
          now: load(1_500, {
            ...other,
            replicas: [
              { replicaId: 'b', inFlight: 1 },
              { replicaId: 'a', inFlight: 2 },
            ],
            scaling: counters({ arrivals: 15, completions: 8, timed: 90, serviceMs: 4_100, oldestWaitMs: 70 }),
          }),
        },
      ],
      9_000,
    );
    expect(signals).toEqual({
      atMs: 9_000,
      queueDepth: 3,
      oldestWaitMs: 70,
      inFlight: 4,
      arrivalsPerSecond: 30,
      completionsPerSecond: 13,
      serviceMs: 30,
      batchFillShare: null,
      acceleratorMemoryShare: null,
      replicas: [
        { replicaId: 'a', queueDepth: null, inFlight: 5, acceleratorMemoryShare: null },
        { replicaId: 'b', queueDepth: null, inFlight: 1, acceleratorMemoryShare: null },
      ],
    });
  });

  test('an idle service is known to be idle; how long a request takes is then not known', () => {
    const idle = scalingSignals([{ before: load(0), now: load(1_000, { queueDepth: 0, inFlight: 0 }) }], 0);
    expect(idle).toMatchObject({ queueDepth: 0, inFlight: 0, oldestWaitMs: 0 });
    expect(rates(idle)).toEqual([0, 0, null]);
  });

  test.each([
    ['started again', load(1_000, { startedAtMs: 900, scaling: counters({ arrivals: 500 }) })],
    ['with a counter that went back', load(1_000, { scaling: counters({ completions: 3, arrivals: 500 }) })],
    ['whose clock went back', load(-5, { scaling: counters({ arrivals: 500 }) })],
  ])('of a gateway %s the queue is known and no rate is', (_what, now) => {
    const signals = scalingSignals([{ before: load(0), now }], 0);
    expect(signals).toMatchObject({ queueDepth: 2, inFlight: 3, oldestWaitMs: 0 });
    expect(rates(signals)).toEqual([null, null, null]);
  });

  const stepped = { arrivals: 150, completions: 120, timed: 90, serviceMs: 4_500 };
  test.each([
    ['ahead', 3_601_000],
    ['back', -3_599_000],
  ])('a clock of the day that steps %s changes no rate where the gateway has one that never steps', (_way, atMs) => {
    const before = load(0, { scaling: counters({ upMs: 7_000 }) });
    const now = load(atMs, { scaling: counters({ ...stepped, upMs: 8_000 }) });
    expect(rates(scalingSignals([{ before, now }], 0))).toEqual([50, 30, 50]);
  });

  test.each([
    ['ahead', 3_601_000, null],
    ['by less than what a report may be on its way', 2_500, 20],
  ])('of an older gateway whose clock steps %s rates are %s', (_way, atMs, arrivalsPerSecond) => {
    const now = load(atMs, { scaling: counters(stepped) });
    const signals = scalingSignals([{ before: load(0), now, heardBetweenMs: 1_000 }], 0);
    expect(signals).toMatchObject({ queueDepth: 2, inFlight: 3, arrivalsPerSecond });
  });

  test('answers and times of each replica are those of its warm requests, over all gateways', () => {
    const of = (a: number, ms: number, b: number) => [
      { replicaId: 'a', inFlight: 2, warm: { answers: a, serviceMs: ms } },
      { replicaId: 'b', inFlight: 0, warm: { answers: b, serviceMs: 100 } },
    ];
    const first = { before: load(0, { replicas: of(10, 500, 4) }), now: load(2_000, { replicas: of(30, 1_500, 4) }) };
    const g2 = { gatewayId: 'g2' };
    const second = {
      before: load(0, { ...g2, replicas: of(0, 0, 4) }),
      now: load(1_000, { ...g2, replicas: of(5, 750, 4) }),
    };
    // a: 20 answers of 50 ms in two seconds, 5 of 150 ms in one. b: none, so that its time is not known.
    expect(scalingSignals([first, second], 0).replicas).toMatchObject([
      { replicaId: 'a', inFlight: 4, completionsPerSecond: 15, serviceMs: 70 },
      { replicaId: 'b', inFlight: 0, completionsPerSecond: 0, serviceMs: null },
    ]);
  });

  test('of a replica that is new to a gateway, or of which one gateway does not tell it, answers are not told', () => {
    const warm = { answers: 10, serviceMs: 500 };
    const is = load(1_000, { replicas: [{ replicaId: 'a', inFlight: 1, warm }] });
    const fresh = scalingSignals([{ before: load(0, { replicas: [] }), now: is }], 0);
    const older = { gatewayId: 'g2', replicas: [{ replicaId: 'a', inFlight: 1 }] };
    const known = { before: load(0, { replicas: is.replicas }), now: is };
    const mixed = scalingSignals([known, { before: load(0, older), now: load(1_000, older) }], 0);
    for (const { replicas } of [fresh, mixed]) expect(replicas[0]).not.toHaveProperty('completionsPerSecond');
  });

  test('a gateway that is new, or does not tell what scaling needs, leaves the rates unknown', () => {
    const { scaling: _scaling, ...older } = load(1_000);
    expect(rates(scalingSignals([{ before: null, now: load(1_000) }], 0))).toEqual([null, null, null]);
    const signals = scalingSignals([{ before: older, now: older }], 0);
    expect(rates(signals)).toEqual([null, null, null]);
    expect(signals).toMatchObject({ queueDepth: 2, oldestWaitMs: null });
  });

  test('where one gateway is silent, or none was ever heard of, everything is unknown', () => {
    const known = { before: load(0), now: load(1_000) };
    const nothing = { queueDepth: null, inFlight: null, oldestWaitMs: null, arrivalsPerSecond: null, serviceMs: null };
    expect(scalingSignals([known, { before: load(0), now: null }], 0)).toMatchObject(nothing);
    expect(scalingSignals([], 0)).toMatchObject(nothing);
  });

  test('no number is ever negative or not a number, whatever two reports say', () => {
    const amount = fc.nat({ max: 1_000 });
    const anyLoad = fc
      .record({ startedAtMs: fc.constantFrom(1, 2), atMs: amount, queueDepth: amount, inFlight: amount })
      .chain((base) =>
        fc
          .record({ oldestWaitMs: amount, arrivals: amount, completions: amount, timed: amount, serviceMs: amount })
          .map((scaling) => load(base.atMs, { ...base, scaling })),
      );
    const reading = fc.record({ before: fc.option(anyLoad), now: fc.option(anyLoad) });
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 4 }), (readings) => {
        const { replicas: _replicas, ...signals } = scalingSignals(readings, 0);
        for (const value of Object.values(signals)) {
          if (value !== null) expect(value).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
