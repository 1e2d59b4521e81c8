import { describe, expect, it } from 'vitest';
import { loadContract, minimalContract } from '../../../../testing/builders/contract-texts.ts';
import { judgeHardware, type HardwareMeasurements } from './hardware-evidence.ts';

const contract = (hardware: string) => loadContract(`${minimalContract}hardware: ${hardware}\n`).contract;
const nvidia = contract('{ accelerator: nvidia }');

const measured: HardwareMeasurements = {
  pool: 'h100-eu',
  takenAtMs: 1,
  restsOnDeclared: false,
  classes: {
    old: { description: 'A100', facts: {}, compatibility: 'minor-version', nodes: 2, because: 'driver 550 of CUDA 12' },
    new: { description: 'H100', facts: {}, compatibility: 'native', nodes: 2, because: 'driver 575' },
  },
  nodes: [
    { count: 2, units: { device: { 'minor-version': 8 } }, anyDevice: false },
    { count: 2, units: { device: { native: 8 } }, anyDevice: false },
  ],
  objections: [],
};
const judge = (changes: object, of = nvidia) => judgeHardware({ ...measured, ...changes }, of);
const mixed = (anyDevice: boolean, units: Record<string, Record<string, number>>) => ({
  classes: {
    ...measured.classes,
    bad: { description: 'T4', facts: {}, compatibility: 'incompatible', nodes: 1, because: 'no kernels for 7.5' },
    dark: { description: 'GPU', facts: {}, compatibility: 'unknown', nodes: 1, because: 'no driver is known' },
  },
  nodes: [{ count: 1, units, anyDevice }],
});

describe('hardware evidence', () => {
  it('passes when every node holds enough devices that the contract allows', () => {
    expect(judge({})).toEqual({ verdict: 'pass', reasons: ['4 of 4 nodes of pool h100-eu, 2 device classes'] });
  });

  it('is judged by what the contract allows now, not by what it allowed when it was measured', () => {
    const judged = judge({}, contract('{ accelerator: nvidia, allow: [native] }'));
    expect(judged).toEqual({ verdict: 'fail', reasons: ['A100: minor-version: driver 550 of CUDA 12'] });
  });

  it.each([
    ['chosen', false, { device: { native: 1, incompatible: 1 } }, 'pass'],
    ['chosen', false, { device: { unknown: 1, incompatible: 1 } }, 'unknown'],
    ['chosen', false, { device: { incompatible: 2 } }, 'fail'],
    ['whichever is free', true, { device: { native: 1, incompatible: 1 } }, 'fail'],
    ['whichever is free', true, { device: { native: 1, unknown: 1 } }, 'unknown'],
    ['whichever is free', true, { device: { native: 2 } }, 'pass'],
    ['whichever of a kind is free', true, { '1g.10gb': { incompatible: 4 }, '3g.40gb': { native: 1 } }, 'pass'],
  ] as const)('of a mixed node with devices %s (%s) %o is %s', (_, any, devices, verdict) => {
    expect(judge(mixed(any, devices)).verdict).toBe(verdict);
  });

  it('fails when the contract asks for more devices than a node holds', () => {
    expect(judge({}, contract('{ accelerator: nvidia, devices: 16 }'))).toEqual({
      verdict: 'fail',
      reasons: ['no node has enough devices'],
    });
  });

  it('says so when it rests on declared classes', () => {
    const declared = {
      restsOnDeclared: true,
      nodes: [{ count: 0, units: { device: { native: 8 } }, anyDevice: false }],
    };
    expect(judge({ ...declared, classes: { new: measured.classes['new'] } })).toEqual({
      verdict: 'pass',
      reasons: ['1 device class declared for pool h100-eu'],
    });
  });

  it('does not pass against an objection', () => {
    const objections = [{ verdict: 'unknown', reason: 'node g7 tells nothing' }];
    expect(judge({ objections })).toEqual({ verdict: 'unknown', reasons: ['node g7 tells nothing'] });
  });

  it.each([
    ['nothing', {}],
    ['no nodes', { ...measured, nodes: [] }],
    ['classes that are null', { ...measured, classes: null }],
    [
      'a compatibility of its own',
      { ...measured, classes: { new: { ...measured.classes['new'], compatibility: 'ok' } } },
    ],
    ['a count below zero', { ...measured, nodes: [{ count: -1, units: {}, anyDevice: false }] }],
    ['an objection without a verdict', { ...measured, objections: [{ reason: 'x' }] }],
  ])('of %s is unknown', (_, measurements) => {
    expect(judgeHardware(measurements, nvidia).verdict).toBe('unknown');
  });

  it('is unknown when the contract asks for no hardware', () => {
    expect(judgeHardware({ ...measured }, loadContract(minimalContract).contract).verdict).toBe('unknown');
  });
});
