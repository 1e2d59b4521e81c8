import { describe, expect, it } from 'vitest';
import { capacityObjective, quantileWords, readQuantileName } from '../../contract/objective/capacity-objective.ts';
import { judgeCapacity } from '../../evidence/kinds/capacity/capacity-evidence.ts';
import type { CapacityMeasurements } from '../../evidence/kinds/capacity/capacity-measurements.ts';
import { standingOfHorizon } from '../../evidence/kinds/capacity/sustained-interval.ts';
import { loadContract } from '../../../testing/builders/contract-texts.ts';
import { measureLoad } from '../measure-load.ts';
import { measureHorizon } from '../sustained/measure-horizon.ts';
import type { StreamedAnswer } from './streamed-answer.ts';

const contractOf = (objective: string, protocol = 'openai') =>
  loadContract(
    `apiVersion: plimsoll.dev/v1\nservice: chat\ncode: { command: [serve], protocol: ${protocol} }\nmodel: { name: chat, version: candidate }\nobjective: ${objective}\n`,
  ).contract;

const promised = '{ latency: { p99: 2s, p50: 1s }, ttft: { p95: 300ms }, interToken: { p95: 40ms }, goodput: 95% }';
const goodput = 'goodput[latency<=2000,ttft<=300,interToken<=40].p95';

describe('the objective of token streams', () => {
  it('is one list of quantiles, the goodput with its limits', () => {
    expect(capacityObjective(contractOf(promised))).toEqual({
      p99: 2_000,
      p50: 1_000,
      'ttft.p95': 300,
      'interToken.p95': 40,
      [goodput]: 1,
    });
  });

  it('is of whole answers alone where nothing is streamed', () => {
    expect(capacityObjective(contractOf(promised, 'open-inference-v2'))).toEqual({ p99: 2_000, p50: 1_000 });
    expect(capacityObjective(contractOf('{ ttft: { p95: 300ms } }', 'open-inference-v2'))).toBeNull();
  });

  it('names each quantile, for programs and for people', () => {
    expect(readQuantileName(goodput)).toEqual({
      part: 'goodput',
      quantile: 'p95',
      limits: { latencyMs: 2_000, ttftMs: 300, interTokenMs: 40 },
    });
    expect(['p99', 'ttft.p99.9', 'interToken.p50', goodput].map(quantileWords)).toEqual([
      'p99',
      'p99.9 of the first token',
      'p50 between tokens',
      'goodput p95',
    ]);
    expect(['q99', 'ttft', 'goodput.p95', 'ttft[ttft<=3].p95', 'p', 'bytes.p95'].map(readQuantileName)).toEqual(
      Array.from({ length: 6 }, () => null),
    );
  });

  it('has no goodput without a limit', () => {
    expect(() => contractOf('{ goodput: 95% }')).toThrow('no limit is written');
  });
});

/** An answer of 11 tokens. */
const answerOf = (ttftMs: number, gapMs: number): StreamedAnswer => ({
  ttftMs,
  lastTokenMs: ttftMs + 10 * gapMs,
  longestGapMs: gapMs,
  tokensIn: 100,
  tokensOut: 11,
  cachedTokens: 60,
});

const names = ['p99', 'ttft.p95', 'interToken.p95', goodput];

function loadOf(answers: readonly StreamedAnswer[], failed = 0) {
  const timesMs = [...answers.map(({ lastTokenMs }) => lastTokenMs), ...Array.from({ length: failed }, () => Infinity)];
  const load = measureLoad(timesMs, 10_000, names, answers);
  if (load === null) throw new Error('something was measured');
  return load;
}

describe('a load of token streams', () => {
  it('has quantiles of each part, and the tokens', () => {
    const load = loadOf(Array.from({ length: 400 }, (_, at) => answerOf(100 + at / 4, 20 + at / 40)));
    // The 380th of 400 values: 100 + 379 / 4, and 20 + 379 / 40.
    expect(load.quantiles['ttft.p95']?.valueMs).toBeCloseTo(194.75, 2);
    expect(load.quantiles['interToken.p95']?.valueMs).toBeCloseTo(29.475, 2);
    // The worst limit is that of the time between tokens: 29.475 of 40.
    expect(load.quantiles[goodput]?.valueMs).toBeCloseTo(0.7369, 3);
    expect(load.tokens).toEqual({ in: 40_000, out: 4_400, cached: 24_000 });
  });

  it('counts a request that failed as one that never answered', () => {
    const load = loadOf(
      Array.from({ length: 90 }, () => answerOf(100, 20)),
      10,
    );
    expect(load.quantiles['ttft.p95']?.valueMs).toBeNull();
    expect(load.quantiles[goodput]?.valueMs).toBeNull();
  });

  it('does not know tokens that one answer does not tell', () => {
    const load = loadOf([answerOf(1, 1), { ...answerOf(1, 1), tokensIn: null, cachedTokens: null }]);
    expect(load.tokens).toEqual({ in: null, out: 22, cached: null });
  });

  it('has no quantile of streams where nothing was streamed', () => {
    expect(Object.keys(measureLoad([1, 2], 10, names)?.quantiles ?? {})).toEqual(['p50', 'p90', 'p99']);
  });
});

/** Open loops at rates, each with these answers. */
function measurementsOf(runs: readonly (readonly [seconds: number, answers: readonly StreamedAnswer[]])[]) {
  const slow = loadOf(Array.from({ length: 400 }, () => answerOf(50, 20)));
  const measurements: CapacityMeasurements = {
    capacityVersion: 1,
    protocol: 'openai',
    requestsOf: 'a test',
    objective: capacityObjective(contractOf(promised)),
    batchLimitRows: null,
    closed: [{ ...slow, concurrency: 1, meanBatchRows: null }],
    rowsAtOnce: [],
    open: runs.map(([seconds, answers]) => ({ ...loadOf(answers), durationMs: 1_000 * seconds, underWay: 2 })),
  };
  return JSON.parse(JSON.stringify(measurements)) as Record<string, unknown>;
}
const many = (ttftMs: number, gapMs: number, bad = 0) =>
  Array.from({ length: 600 }, (_, at) => (at < bad ? answerOf(900, 20) : answerOf(ttftMs, gapMs)));

describe('capacity of token streams', () => {
  it('is the largest rate at which each part holds', () => {
    const measured = measurementsOf([
      [60, many(100, 20)],
      [40, many(200, 30)],
      [30, many(200, 50)],
    ]);
    expect(judgeCapacity(measured, contractOf(promised))).toEqual({
      verdict: 'inconclusive',
      reasons: [expect.stringMatching(/^one run held 15 requests\/s; an older version measured it/)],
    });
    expect(judgeCapacity(measured, contractOf('{ ttft: { p95: 150ms } }')).reasons[0]).toContain('10 requests/s');
  });

  it('is judged by the share of requests that are inside all limits at once', () => {
    const measured = measurementsOf([
      [60, many(100, 20)],
      [40, many(100, 20, 60)],
    ]);
    const { reasons } = judgeCapacity(measured, contractOf(promised));
    expect(reasons[0]).toContain('10 requests/s');
  });

  it('stands in a horizon by each part, those that failed and those that were not waited for included', () => {
    const objective = capacityObjective(contractOf(promised)) ?? {};
    const horizonOf = (answers: readonly StreamedAnswer[], unseen = 0) =>
      measureHorizon(
        {
          timesMs: answers.map(({ lastTokenMs }) => lastTokenMs),
          streamed: answers,
          ...{ sent: [], unseen, refused: 0, underWay: 1, sendDelayMs: 0 },
        },
        Object.keys(objective),
      );
    expect(standingOfHorizon(horizonOf(many(200, 30)), objective, 0)).toBe('inside');
    expect(standingOfHorizon(horizonOf(many(200, 50)), objective, 0)).toBe('outside');
    expect(standingOfHorizon(horizonOf(many(100, 20, 60)), objective, 0)).toBe('outside');
    expect(standingOfHorizon(horizonOf(many(100, 20), 1), objective, 0)).toBe('undecided');
    const whole = measureHorizon(
      { timesMs: [100], sent: [], streamed: null, unseen: 0, refused: 0, underWay: 1, sendDelayMs: 0 },
      Object.keys(objective),
    );
    expect(standingOfHorizon(whole, objective, 0)).toBe('undecided');
  });

  it('is not known by limits that it was not measured for', () => {
    const measured = measurementsOf([[60, many(100, 20)]]);
    const other = contractOf('{ ttft: { p95: 300ms }, goodput: 90% }');
    expect(judgeCapacity(measured, other)).toEqual({
      verdict: 'unknown',
      reasons: ['goodput p90 was not measured; next: plimsoll capacity'],
    });
  });
});
