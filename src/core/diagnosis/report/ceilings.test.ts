import { expect, it } from 'vitest';
import { healthyValues, makeWindow } from '../../../testing/builders/diagnosis/make-readings.ts';
import { listCeilings } from './ceilings.ts';

const named = (name: string, window = makeWindow(healthyValues)) =>
  listCeilings(window).find((ceiling) => ceiling.name === name);

it('gives the use of each ceiling with the line where a cause is suspected', () => {
  expect(named('busUseShare')).toEqual({
    name: 'busUseShare',
    label: 'PCIe traffic of the measured copy ceiling',
    use: { value: 0.2 },
    text: '20%',
    line: { is: 'at-least', at: 0.7, cause: 'pcie-traffic' },
    measuredAtMs: null,
  });
  expect(named('linkWidthShare')?.line).toEqual({ is: 'below', at: 1, cause: 'pcie-link' });
  expect(named('memoryUseShare')?.line).toBeNull();
});

it('dates the ceilings that a preflight measured, and no other', () => {
  const window = { ...makeWindow(healthyValues), ceilingsAtMs: 1_800_000_000_000 };
  const dated = listCeilings(window).filter(({ measuredAtMs }) => measuredAtMs !== null);
  expect(dated.map(({ name }) => name)).toEqual(['busUseShare', 'storageUseShare']);
});

it('keeps what was not read, with its reason, and never as zero', () => {
  const all = listCeilings(makeWindow({ coreUseShare: 0.5 }));
  expect(all).toHaveLength(15);
  expect(all.filter(({ use }) => 'value' in use).map(({ name }) => name)).toEqual(['coreUseShare']);
  expect(all.find(({ name }) => name === 'busUseShare')).toMatchObject({
    use: { unknown: 'busUseShare was not read' },
    text: 'unknown',
  });
});
