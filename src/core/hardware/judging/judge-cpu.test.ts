import { describe, expect, it } from 'vitest';
import { demandsOf } from '../../../testing/hardware-cases/case-row.ts';
import { cpuRows, type CpuRow } from '../../../testing/hardware-cases/cpu-cases.ts';
import type { ServiceDemands } from '../compatibility.ts';
import { judgeCpu, judgeDevice } from './judge-device.ts';
import { worstOf } from '../rules/outcome.ts';

const demandsOfRow = (row: CpuRow): ServiceDemands =>
  demandsOf({
    image: row.image,
    runtime: row.runtime ?? {},
    hardware: { ...row.hardware, accelerator: 'cpu' },
  });
const judge = (row: CpuRow, demands = demandsOfRow(row)) =>
  judgeCpu(
    demands,
    { accelerator: 'cpu', arch: row.architecture, model: 'a CPU' },
    { features: row.features?.split(' ') ?? null },
  );

describe('a CPU service on a CPU', () => {
  it.each(cpuRows.map((row) => [`${row.name}: ${row.compatibility}`, row] as const))('%s', (_name, row) => {
    const judged = judge(row);
    expect(judged.compatibility, JSON.stringify(judged.findings, null, 1)).toBe(row.compatibility);
    const rules = judged.findings.filter(({ compatibility }) => compatibility === row.compatibility);
    expect(rules.map(({ rule }) => rule)).toContain(row.rule);
    expect(worstOf(judged.findings.map(({ compatibility }) => compatibility))).toBe(row.compatibility);
  });

  it('never passes for a fact that is blanked, where it did not pass before', () => {
    for (const row of cpuRows) {
      const before = judge(row).verdict;
      const blanked = [judge({ ...row, features: null })];
      if (row.image !== null) {
        for (const field of ['cpuLevel', 'libraries', 'cuda', 'components', 'python', 'compat']) {
          blanked.push(
            judge({ ...row, image: { ...row.image, unknown: { ...row.image.unknown, [field]: 'blanked' } } }),
          );
        }
      }
      for (const { verdict } of blanked) if (before !== 'pass') expect(verdict, row.name).not.toBe('pass');
    }
  });

  it('takes a class alone for one whose features are not known', () => {
    const row = cpuRows.find(({ image }) => image?.cpuLevel === 'x86-64-v3') as CpuRow;
    const deviceClass = { accelerator: 'cpu', arch: 'x64', model: 'a CPU' } as const;
    expect(judgeDevice(demandsOfRow(row), deviceClass).compatibility).toBe('unknown');
  });

  it('names the flags that are lacking and the level that there is', () => {
    const row = cpuRows.find(({ name }) => name === 'x86-64-v3 without avx2') as CpuRow;
    expect(judge(row).findings[0]).toMatchObject({
      message: 'app/libapp.so needs x86-64-v3, and the CPU lacks avx2',
      fix: 'nodes with x86-64-v3, or an image built for x86-64-v2',
    });
  });
});
