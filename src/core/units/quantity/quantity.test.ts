import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Quantity } from './quantity.ts';
import { formatBytes, readBytes } from './quantity-bytes.ts';
import { formatDuration, formatElapsed, readDuration } from './quantity-duration.ts';
import { formatPercent, readPercent } from './quantity-percent.ts';
import { readFrequency } from './quantity-frequency.ts';
import { readCountRate, readMoneyRate } from './quantity-rate.ts';
import { compareVersions, readVersionRange, versionMeets } from './quantity-version-range.ts';

const value = <T>(quantity: Quantity<T>): T | null => (quantity.ok ? quantity.value : null);
const hint = (quantity: Quantity<unknown>): string => (quantity.ok ? 'it could be read' : (quantity.hint ?? ''));

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['45s', 45_000],
    ['45 s', 45_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['0s', 0],
    ['0.5ms', 0.5],
  ])('%s is %d ms', (text, ms) => expect(value(readDuration(text))).toBe(ms));

  it.each(['', '45', 's', '-5s', '1e3s', '45S', '1h30m', '5 min', 'forever', '45  s', '45s.', '٤٥s'])(
    'refuses %j',
    (text) => expect(readDuration(text).ok).toBe(false),
  );

  it('says which unit is missing or was meant', () => {
    expect(hint(readDuration('45'))).toContain('45s');
    expect(hint(readDuration('5 minutes'))).toContain('5m');
  });

  it('is written so that it reads back as the same number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.constantFrom('ms', 's', 'm', 'h', 'd'), (number, unit) => {
        const ms = value(readDuration(`${number}${unit}`)) ?? NaN;
        expect(value(readDuration(formatDuration(ms)))).toBe(ms);
      }),
    );
  });

  it('is written in its largest unit', () => {
    expect([90_000, 3_600_000, 604_800_000, 0, 1001].map(formatDuration)).toEqual([
      '1.5m',
      '1h',
      '1w',
      '0ms',
      '1001ms',
    ]);
  });

  it('that passed is written with two units', () => {
    expect([350, 4_210, 133_000, 5_400_000, 273_600_000].map(formatElapsed)).toEqual([
      '350ms',
      '4.2s',
      '2m 13s',
      '1h 30m',
      '3d 4h',
    ]);
  });
});

describe('a size', () => {
  it('tells binary from decimal units', () => {
    expect(value(readBytes('20GiB'))).toBe(20 * 2 ** 30);
    expect(value(readBytes('20GB'))).toBe(20e9);
    expect(value(readBytes('1.5MiB'))).toBe(1_572_864);
  });
  it.each([
    ['1Ki', 1_024],
    ['384Mi', 384 * 2 ** 20],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['2 Ti', 2 * 2 ** 40],
  ])('reads %s as Kubernetes does', (text, bytes) => expect(value(readBytes(text))).toBe(bytes));
  it('says every form that it takes', () => {
    const read = readBytes('much');
    expect(read.ok ? '' : read.expected).toMatch(/GiB.*Gi.*GB/);
  });
  it.each(['20G', '20M', '20m', '20gi', '20ki', '20Gib', '20Pi', '20gib', '20', '20 bytes', '-1GiB', '9999999TiB'])(
    'refuses %j',
    (text) => expect(readBytes(text).ok).toBe(false),
  );
  it('names both readings of a unit that could be either', () => {
    expect(hint(readBytes('20G'))).toContain('20GiB');
    expect(hint(readBytes('20G'))).toContain('20GB');
  });
  it('is written in binary units', () => expect(formatBytes(20 * 2 ** 30)).toBe('20GiB'));
});

describe('a percentage', () => {
  it('is a share, exact in decimal', () => {
    expect(value(readPercent('99.9%'))).toBe(0.999);
    expect(value(readPercent('95 %'))).toBe(0.95);
    expect(value(readPercent('0%'))).toBe(0);
  });
  it.each(['95', '0.95', '101%', '-1%', '95pct', '%'])('refuses %j', (text) =>
    expect(readPercent(text).ok).toBe(false),
  );
  it('says how to write a bare share', () => expect(hint(readPercent('0.95'))).toContain('95%'));
  it('is written so that it reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (hundredths) => {
        const share = Number(`${hundredths}e-4`);
        expect(value(readPercent(formatPercent(share)))).toBe(share);
      }),
    );
  });
});

describe('a rate', () => {
  it('holds an amount, a currency and a span', () => {
    expect(value(readMoneyRate('120 USD/day'))).toEqual({ amount: 120, currency: 'USD', perMs: 86_400_000 });
    expect(value(readMoneyRate('9.5 EUR / 30d'))).toEqual({ amount: 9.5, currency: 'EUR', perMs: 2_592_000_000 });
    expect(value(readCountRate('1 per 30d'))).toEqual({ count: 1, perMs: 2_592_000_000 });
    expect(value(readCountRate('2 per week'))).toEqual({ count: 2, perMs: 604_800_000 });
  });
  it.each(['120/day', '120 USD', '120 usd/day', 'USD 120/day', '0 USD/day', '120 USD/fortnight'])(
    'refuses %j',
    (text) => expect(readMoneyRate(text).ok).toBe(false),
  );
  it.each(['1', '1 per', 'once per 30d', '0 per 30d', '1/30d'])('refuses the count %j', (text) =>
    expect(readCountRate(text).ok).toBe(false),
  );
});

describe('a version range', () => {
  it('holds every comparison', () => {
    const range = value(readVersionRange('>=1.20 <1.22'));
    expect(range?.comparisons).toEqual([
      { operator: '>=', version: [1, 20] },
      { operator: '<', version: [1, 22] },
    ]);
    expect(value(readVersionRange('>= 550.54.14'))?.comparisons[0]?.version).toEqual([550, 54, 14]);
  });
  it('refuses a bare version and says so', () => {
    expect(readVersionRange('12.4').ok).toBe(false);
    expect(hint(readVersionRange('12.4'))).toContain('no operator');
    expect(hint(readVersionRange('>=1.2 1.3'))).toContain('>=1.3');
  });
  it.each(['', '>=', '^1.2', '~1.2', '>=1.2.x', '=>1', '>=1.2-rc1', '==1.2'])('refuses %j', (text) =>
    expect(readVersionRange(text).ok).toBe(false),
  );
  it.each(['>=2 <1', '>1 <1', '=1.2 !=1.2', '>=1 <=1 !=1', '=1 >=2'])('refuses %j, which holds no version', (text) =>
    expect(hint(readVersionRange(text))).toContain('no version'),
  );
  it('treats missing places as zero', () => {
    expect(compareVersions([12, 4], [12, 4, 0])).toBe(0);
    expect(compareVersions([1, 9], [1, 20])).toBeLessThan(0);
  });
  it('accepts a range exactly when some version is in it', () => {
    const version = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 2 });
    const comparison = fc.tuple(fc.constantFrom('<', '<=', '>', '>=', '='), version);
    fc.assert(
      fc.property(fc.array(comparison, { minLength: 1, maxLength: 3 }), version, (comparisons, candidate) => {
        const range = readVersionRange(
          comparisons.map(([operator, parts]) => `${operator}${parts.join('.')}`).join(' '),
        );
        const parsed = comparisons.map(([operator, parts]) => ({ operator: operator as '<', version: parts }));
        if (versionMeets(candidate, parsed)) expect(range.ok).toBe(true);
      }),
    );
  });
});

describe('a rate of requests', () => {
  it.each([
    ['20/s', 20],
    ['90/m', 1.5],
    ['1800 / h', 0.5],
    ['0/s', 0],
  ])('%s is per second', (text, value) => {
    expect(readFrequency(text)).toEqual({ ok: true, value });
  });
  it.each([
    ['20', 'the time is missing: write `20/s` for a second'],
    ['20/sc', 'did you mean `20/s`?'],
    ['20/q', undefined],
    ['-1/s', undefined],
  ])('%s is not one', (text, hint) => {
    expect(readFrequency(text)).toMatchObject({ ok: false, ...(hint === undefined ? {} : { hint }) });
  });
});
