import { expect, test } from 'vitest';
import { readPackFleet, readPackOnline, readPackPlan } from './packing-readings.ts';

const plan = { gapShare: 0.0011, proven: true, processorMs: 4_100 };
const report = {
  loads: [1, 1.3],
  overFgd: [
    { mean: 0.42, standardError: 0.1 },
    { mean: 0.5, standardError: 0.05 },
  ],
  plan,
  ruledPlan: { ...plan, gapShare: 0.02 },
  fleetPlan: plan,
  aims: { gapShare: 0.01, ruledGapShare: 0.03, fleetMs: 30_000 },
};

test('placement is quoted with its advantage at each load, which has to exceed two standard errors', () => {
  expect(readPackOnline(report)).toMatchObject({ text: '0.42 ±0.10, 0.50 ±0.05 points', met: true });
  const near = { ...report, overFgd: [{ mean: 0.2, standardError: 0.1 }] };
  expect(readPackOnline(near)).toMatchObject({ met: false });
});

test('plans are quoted with their gaps, and which aim is missed', () => {
  expect(readPackPlan(report)).toMatchObject({ text: '0.11%, 2.00%', met: true });
  expect(readPackPlan({ ...report, ruledPlan: { ...plan, proven: false } })).toMatchObject({
    missed: 'missed by MIG and limits',
  });
  expect(readPackFleet(report)).toMatchObject({ text: '4.1 s of processor time, 0.11% from the bound', met: true });
  expect(readPackFleet({ ...report, fleetPlan: { ...plan, processorMs: 30_001 } })).toMatchObject({ met: false });
});
