import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseExposition } from './parse-exposition.ts';
import { writeExposition } from './write-exposition.ts';

const family = (labels: readonly (readonly [string, string])[], value: number) => ({
  ...({ name: 'a_total', type: 'counter', help: 'What it is' } as const),
  samples: [{ labels, value }],
});

it('writes Prometheus text, and nothing of a family without samples', () => {
  expect(writeExposition([family([['disk', 'sda']], 1.5), { ...family([], 1), samples: [] }])).toBe(
    '# HELP a_total What it is\n# TYPE a_total counter\na_total{disk="sda"} 1.5\n',
  );
  expect(writeExposition([])).toBe('');
});

it('writes what the parser reads again, whatever a label holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.oneof(fc.double(), fc.constant(Infinity)), (text, value) => {
      const [sample] = parseExposition(writeExposition([family([['name', text]], value)]), 'text').samples;
      expect(sample).toMatchObject({ labels: [['name', text]] });
      expect(Object.is(sample?.value, value) || sample?.value === value).toBe(true);
    }),
  );
});
