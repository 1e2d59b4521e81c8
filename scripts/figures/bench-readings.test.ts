import { describe, expect, it } from 'vitest';
import {
  readCanary,
  readCliStart,
  readDriftPeers,
  readGate,
  readGatewaySpeed,
  readMemory,
  readScaling,
  readScalingSpeed,
  readToMlServer,
  readVerify,
} from './bench-readings.ts';

describe('what is quoted of a measurement', () => {
  it('are the ratios of the command line, and which aim is missed', () => {
    const rows = (check: number) => [
      { name: 'node -e 0', ratioToNode: 1, aim: null },
      { name: 'plimsoll --help', ratioToNode: 1.391, aim: 2.5 },
      { name: 'plimsoll check', ratioToNode: check, aim: 4 },
    ];
    expect(readCliStart({ rows: rows(3.568) })).toMatchObject({ text: '1.39 times, 3.57 times', met: true });
    expect(readCliStart({ rows: rows(10) })).toMatchObject({ met: false, missed: 'missed by `check`' });
    expect(() => readCliStart({ rows: [] })).toThrow('nothing of plimsoll --help');
    expect(() => readCliStart({})).toThrow();
  });

  it('is the speed of the gateway beside the others', () => {
    const rows = [
      { name: 'plimsoll', requestsPerSecond: 18_596 },
      { name: 'proxy', requestsPerSecond: 21_854 },
      { name: 'nginx', requestsPerSecond: 57_053.4 },
    ];
    const aims = { ratioToProxy: 0.8, addedP99Ms: 2 };
    expect(readGatewaySpeed({ ratioToProxy: 0.851, rows, openLoop: { addedP99Ms: 1 }, aims })).toMatchObject({
      text: '0.85 (18,596 to 21,854; nginx 57,053)',
      met: true,
    });
  });

  it('are the changes that another program finds sooner, and the mean rank', () => {
    const delay = (change: string, plimsoll: number, river: number) => ({
      ...{ change, median: { plimsoll, river } },
      best: Math.min(plimsoll, river),
    });
    const delays = [delay('a shift', 20, 45), delay('a new class', 2, 1), delay('a vanished class', 5, 4)];
    const found = readDriftPeers({ delays, ranks: { plimsoll: 1.5, river: 1.6 } });
    expect(found).toMatchObject({
      text: 'the soonest in 1 of 3 changes, a new class 2 to 1; mean rank 1.50 (next 1.60)',
      values: { meanRank: 1.5, nextMeanRank: 1.6, lostCount: 1 },
      missed: 'missed by 1 of 3',
    });
    expect(readDriftPeers({ delays: delays.slice(0, 1), ranks: { plimsoll: 1, river: 2 } }).met).toBe(true);
    expect(readDriftPeers({ delays: delays.slice(0, 1), ranks: { plimsoll: 2, river: 1 } })).toMatchObject({
      missed: 'missed',
    });
  });

  it('is the largest memory of both processes', () => {
    const row = { growthShare: 0.0021, underLimit: true, flat: true };
    const rows = [
      { ...row, name: 'gateway', largestBytes: 146.7e6 },
      { ...row, name: 'control-plane', largestBytes: 186e6, underLimit: false },
    ];
    expect(readMemory({ rows })).toMatchObject({
      text: 'at most 146.7 MB and 186.0 MB, 0.2% and 0.2% more in the last quarter',
      missed: 'missed by the control plane',
    });
  });

  it('is one ratio a size of request, and no figure where there was nothing to compare with', () => {
    const ratio = (value: number | null) => ({ value, aim: 5, met: value === null ? null : value >= 5 });
    const ratios = (many: number | null) => ({
      toMinimal1: ratio(6),
      toMinimal64: ratio(6),
      toMlServer1: ratio(8),
      toMlServer64: ratio(many),
      toLoop: ratio(6),
    });
    expect(readToMlServer({ ratios: ratios(4.05) })).toMatchObject({
      text: '8.0 and 4.0',
      missed: 'missed by 64 rows',
    });
    expect(() => readToMlServer({ ratios: ratios(null) })).toThrow('nothing to compare with');
  });

  it('is the worst cell of a simulation', () => {
    const pair = (exact: number, difference: number) => ({
      difference,
      simulations: 20_000,
      passes: { exact, wald: 4_400, mcnemar: 18_600 },
    });
    const report = { simulations: 20_000, tooLax: 0, pairs: [pair(1_058, -0.01), pair(19_000, 0), pair(10, -0.01)] };
    expect(readGate(report).text).toBe('at most 5.29% in 2 cells of 20,000 (Wald 22%, McNemar 93%)');
    const row = (kind: string, judge: number) => ({
      kind,
      runs: 10_000,
      results: { judge: { share: judge }, zEach: { share: 0.57 } },
    });
    expect(readCanary({ kept: true, measured: [row('null', 0.0126), row('delay', 1)] })).toMatchObject({
      text: 'at most 1.26% in 1 rows of 10,000 runs or more (z-test at each look up to 57%)',
      met: true,
    });
  });

  it('names each workload on which the scaler missed its aim', () => {
    const row = { predictable: true, attains: true, dominatedBy: [] };
    const rows = [
      { ...row, workload: 'constant', startSeconds: 20, overPlan: 1 },
      { ...row, workload: 'daily', startSeconds: 20, overPlan: 1.14 },
      { ...row, workload: 'wave', startSeconds: 180, overPlan: 1.26 },
      { ...row, workload: 'crowd', startSeconds: 180, overPlan: null, predictable: false },
    ];
    expect(readScaling({ aim: 1.15, rows })).toMatchObject({
      text: '1.00 to 1.14 of the plan; 1.26 on wave with 180 s',
      missed: 'missed by 1 of 4',
    });
  });

  it('are seconds with what they are beside', () => {
    const cells = [
      {
        requests: 1_000_000,
        plainSeconds: 0.1,
        simulated: [
          { name: 'a', seconds: 0.29 },
          { name: 'b', seconds: 0.49 },
        ],
      },
    ];
    expect(readScalingSpeed({ met: true, cells }).text).toBe(
      '0.29 to 0.49 s of processor time, 3 to 5 times a plain queue',
    );
    const size = { nodes: 10_000, devices: 80_000 };
    const measured = [
      { ...size, variety: 'forty-classes', medianMs: 210, rssMib: 197 },
      { ...size, variety: 'all-distinct', medianMs: 980, rssMib: 563 },
    ];
    expect(readVerify({ aimMs: 2_000, aimMib: 954, measured }).text).toBe(
      '0.21 s and 207 MB with 40 device classes, 0.98 s and 590 MB with 80,000',
    );
  });
});
