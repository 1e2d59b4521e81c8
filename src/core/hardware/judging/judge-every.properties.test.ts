import { describe, expect, it } from 'vitest';
import { allCases } from '../../../testing/hardware-cases/all-cases.ts';
import { classOf, demandsOf } from '../../../testing/hardware-cases/case-row.ts';
import { judgeUnit } from './judge-device.ts';
import { judgeUnits } from './judge-units.ts';
import { PoolUnits } from './pool-units.ts';
import { prepareService } from './prepare-service.ts';
import { bySeverity, severity } from '../rules/outcome.ts';

/** Each service of the cases on each device of them: it grows by the square of their number. */
const timeoutMs = 120_000;

describe('judging many at once', () => {
  const classes = allCases.map(classOf);
  const pool = new PoolUnits(
    [],
    classes.map((deviceClass) => ({ deviceClass, devicesPerNode: 1, labels: {} })),
  );

  it(
    'is the same as judging one by one: every service of the cases on every device of the cases',
    () => {
      let count = 0;
      for (const row of allCases) {
        const service = prepareService(demandsOf(row));
        const many = judgeUnits(service, pool);
        const differing = pool.units.find((unit, index) => bySeverity[many[index] ?? 3] !== judgeUnit(service, unit));
        expect(differing, row.name).toBeUndefined();
        count += pool.units.length;
      }
      expect(count).toBeGreaterThan(50_000);
    },
    timeoutMs,
  );

  it('asks of boards whose names alone differ a few times', () => {
    const named = new PoolUnits(
      [],
      Array.from({ length: 1_000 }, (_, number) => ({
        deviceClass: { ...classOf(allCases[0] ?? expect.fail()), product: `NVIDIA H100 80GB HBM3 no ${number}` },
        devicesPerNode: 1,
        labels: {},
      })),
    );
    expect(named.units.length).toBeGreaterThanOrEqual(1_000);
    const asked = (['peers', 'kernelModule', 'sharedMemory', 'memory', 'cuda'] as const).map(
      (facet) => named.facet(facet).representatives.length,
    );
    expect(Math.max(...asked)).toBeLessThan(4);
  });

  it('puts compatibilities in one order', () => {
    expect(bySeverity.map((compatibility) => severity[compatibility])).toEqual([0, 1, 2, 3, 4]);
  });
});
