import { expect, it } from 'vitest';
import type { PriceBook } from '../../cost/prices/price-book.ts';
import { bookOfShort, type ShortPrices } from '../../cost/prices/short-prices.ts';
import { digestOf } from '../../units/digest.ts';
import { termChanges, type EnvironmentTerms } from './environment-record.ts';
import { conflictText, findTermConflicts, type StatedTerms } from './term-conflicts.ts';

const priced = (perHour: number, more: Partial<ShortPrices> = {}): PriceBook =>
  bookOfShort({ currency: 'EUR', acceleratorSecond: { default: perHour / 3_600 }, lateRequest: null, ...more });
const device = (name: string, accelerator: 'cpu' | 'nvidia' = 'nvidia') => ({
  digest: digestOf(name),
  accelerator,
  text: name,
});
const stated = (over: Partial<StatedTerms> = {}): StatedTerms => ({
  section: { platform: 'local' },
  prices: null,
  classes: null,
  accelerator: 'nvidia',
  ...over,
});
const pool = { name: 'eu', classes: [device('H100'), device('A100'), device('EPYC', 'cpu')] };

it.each<readonly [string, EnvironmentTerms, StatedTerms, readonly string[]]>([
  ['a record that says nothing', {}, stated({ prices: { value: priced(2) } }), []],
  ['a bundle without prices', { prices: priced(2.5) }, stated(), []],
  ['the same prices', { prices: priced(2.5) }, stated({ prices: { value: priced(2.5) } }), []],
  [
    'the same price in other words',
    { prices: priced(2.5) },
    stated({ prices: { value: priced(0, { acceleratorSecond: { default: (60 * 1_000) / 86_400_000 } }) } }),
    [],
  ],
  [
    'another price',
    { prices: priced(2.5) },
    stated({ prices: { value: priced(2) } }),
    ['prices.accelerators.default is 2.50/h in the record and 2.00/h in the contract'],
  ],
  [
    'another currency, and a price that only one has',
    { prices: priced(2.5, { lateRequest: 0.002 }) },
    stated({ prices: { value: priced(2.5, { currency: 'USD' }) } }),
    [
      'prices.currency is EUR in the record and USD in the contract',
      'prices.lateRequest is 0.002 in the record and not written in the contract',
    ],
  ],
  [
    'a price of a class that the record does not have',
    { prices: priced(2.5) },
    stated({ prices: { value: priced(2.5, { acceleratorSecond: { default: 2.5 / 3_600, [digestOf('x')]: 1 } }) } }),
    [`prices.accelerators.${digestOf('x')} is not written in the record and 3600.00/h in the contract`],
  ],
  [
    'prices that cannot be read',
    { prices: priced(2.5) },
    stated({ prices: { unreadable: 'not readable (no YAML)' } }),
    ['prices is EUR, 2.50/h in the record and not readable (no YAML) in the contract'],
  ],
  [
    'another platform and namespace',
    { platform: 'kubernetes', namespace: 'vision' },
    stated({ section: { platform: 'local', namespace: 'text' } }),
    [
      'platform is kubernetes in the record and local in the contract',
      'namespace is vision in the record and text in the contract',
    ],
  ],
  ['no namespace in the contract', { platform: 'local', namespace: 'vision' }, stated(), []],
  [
    'another pool',
    { pool: { name: 'eu' } },
    stated({ section: { platform: 'local', pool: 'us' } }),
    ['pool.name is eu in the record and us in the contract'],
  ],
  ['no pool in the contract', { pool }, stated(), []],
  ['the same classes', { pool }, stated({ classes: { value: [device('A100'), device('H100')] } }), []],
  [
    'classes of the CPU, for a service on the CPU',
    { pool },
    stated({ accelerator: 'cpu', classes: { value: [device('EPYC', 'cpu')] } }),
    [],
  ],
  ['a pool by name alone', { pool: { name: 'eu' } }, stated({ classes: { value: [device('T4')] } }), []],
])('%s', (_, record, bundle, conflicts) => {
  expect(findTermConflicts(record, bundle).map(conflictText)).toEqual(conflicts);
});

it('names the classes of both pools', () => {
  const found = findTermConflicts({ pool }, stated({ classes: { value: [device('H100')] } }));
  expect(found).toMatchObject([{ key: 'pool.classes', contract: expect.stringMatching(/^H100 \(/) as string }]);
  expect(found[0]?.record).toMatch(/(H100|A100) \(\w+\); (H100|A100) \(/);
  expect(found[0]?.record).not.toContain('EPYC');
});

it('tells what a change of a record changes, and nothing where it says the same', () => {
  const before: EnvironmentTerms = { prices: priced(2), policy: { neverWaived: ['golden'] } };
  const after: EnvironmentTerms = { prices: priced(2.5), platform: 'local' };
  expect(termChanges(before, after)).toEqual([
    { key: 'prices.accelerators.default', before: '2.00/h', after: '2.50/h' },
    { key: 'policy.neverWaived', before: 'golden', after: null },
    { key: 'platform', before: null, after: 'local' },
  ]);
  expect(termChanges(before, { ...before, prices: priced(2) })).toEqual([]);
});
