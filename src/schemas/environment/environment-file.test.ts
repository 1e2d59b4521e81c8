import { expect, it } from 'vitest';
import { priceTexts } from '../../core/cost/prices/price-texts.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readEnvironmentFile } from './environment-file.ts';

const read = (text: string) => readEnvironmentFile(Buffer.from(text), 'environment.yaml');

it('reads every key', () => {
  const { prices, ...rest } = read(`platform: kubernetes
namespace: vision
prices: { currency: EUR, accelerators: { default: 2.50/h }, lateRequest: 0.002 }
pool: { name: h100-eu, snapshot: pools/h100-eu.json }
policy: { neverWaived: [evaluation], allowedRegistries: [oci://ghcr.io/acme], falseAlarms: 1 per 1d, falseAlarmWeights: { fraud: 3 } }
`);
  expect(prices === undefined ? null : priceTexts(prices)).toEqual({
    'prices.currency': 'EUR',
    'prices.accelerators.default': '2.50/h',
    'prices.lateRequest': '0.002',
  });
  expect(rest).toEqual({
    platform: 'kubernetes',
    namespace: 'vision',
    pool: { name: 'h100-eu', snapshot: 'pools/h100-eu.json' },
    policy: {
      neverWaived: ['evaluation'],
      allowedRegistries: ['oci://ghcr.io/acme'],
      falseAlarms: { count: 1, perMs: 86_400_000 },
      falseAlarmWeights: { fraud: 3 },
    },
  });
  expect(read('# nothing\n')).toEqual({});
  const book = read('prices: { currency: EUR, source: a list, cores: [{ price: 0.04/h, from: 2026-01-01 }] }\n').prices;
  expect(book).toMatchObject({ source: 'a list', cores: [{ microsPerHour: 40_000, fromMs: Date.UTC(2026, 0) }] });
});

it.each([
  ['price:\n  currency: EUR\n', ['environment.yaml:1:1: unknown key `price` at the top', 'did you mean `prices`?']],
  [
    'policy:\n  neverWaved: [golden]\n',
    ['environment.yaml:2:3: unknown key `neverWaved` in `policy`', 'did you mean `neverWaived`?'],
  ],
  [
    'prices: { currency: EUR, accelerators: { default: 2.50 } }\n',
    ['environment.yaml:1:51: `prices.accelerators.default`: expected an amount per time such as `2.50/h`'],
  ],
  [
    'prices: { currency: EUR, source: a, cores: [{ price: 1/h, from: 2026-01-01 }, { price: 2/h, from: 2026-03-01 }] }\n',
    ['environment.yaml:1:79: `prices.cores.1`: cores, on-demand has two prices from 2026-03-01 on'],
  ],
  ['prices: { currency: EUR }\n', ['`prices.accelerators` is missing', '{ default: 2.50/h }']],
  ['policy: { neverWaived: [gold] }\n', ['environment.yaml:1:25: `policy.neverWaived.0`', 'kinds of evidence']],
  ['policy: { allowedRegistries: [ghcr.io] }\n', ['it begins with none of mlflow://, oci://, s3://']],
  ['policy: { falseAlarms: daily }\n', ['environment.yaml:1:24: `policy.falseAlarms`', 'such as `1 per 1d`']],
  ['policy: { falseAlarmWeights: { fraud: 0 } }\n', ['`policy.falseAlarmWeights.fraud`', 'from 0.001 to 1000']],
  ['namespace: vision\n', ['environment.yaml:1:12', 'write `platform: kubernetes` as well']],
  ['platform: nomad\n', ['environment.yaml:1:11', 'expected: `local` or `kubernetes`']],
  ['pool: h100\n', ['environment.yaml:1:7', '{ name: h100-eu']],
  ['- 1\n', ['environment.yaml:1:1']],
  ['prices: [\n', ['environment.yaml:']],
])('says of %j what is wrong, and where', (text, says) => {
  const thrown = (() => {
    try {
      return read(text);
    } catch (error) {
      return error;
    }
  })();
  expect(thrown).toBeInstanceOf(PlimsollError);
  if (!(thrown instanceof PlimsollError)) return;
  expect(thrown.code).toBe('environment-invalid');
  for (const said of says) expect(thrown.message).toContain(said);
});
