import { expect, it } from 'vitest';
import { makeWorkload, type PairWorkload } from '../../core/rollout/workload.ts';
import { aRelease } from '../../testing/builders/rollout-builders.ts';
import { planSpares } from './plan-spares.ts';

const { code, model } = aRelease(1);
const workload = (more: Partial<PairWorkload> = {}): PairWorkload => ({
  ...makeWorkload(code, model),
  ...{ command: ['plimsoll', 'serve-model'], env: {}, secrets: {} },
  ...more,
});
const service = (name: string, more: Partial<PairWorkload> = {}, environment = 'prod') => ({
  service: name,
  environment,
  workload: workload(more),
});
const shown = (...asked: Parameters<typeof planSpares>) =>
  planSpares(...asked).map(({ environment, services, count, needs, host }) => ({
    ...{ environment, services, count, devices: needs.devices, host },
  }));
const records = [{ environment: 'prod', warmPool: 2 }, { environment: 'test' }];

it('keeps one number for services that one spare fits, however many they are', () => {
  expect(shown(records, [service('b'), service('a', { args: ['--threads', '1'] })])).toEqual([
    { environment: 'prod', services: ['a', 'b'], count: 2, devices: 0, host: {} },
  ]);
});

it('keeps the number for each group, with the largest share of a node in it', () => {
  const services = [
    service('a', { host: { cpus: 1 } }),
    service('b', { host: { cpus: 3 } }),
    service('gpu', { devices: 1 }),
  ];
  expect(shown(records, services)).toEqual([
    { environment: 'prod', services: ['a', 'b'], count: 2, devices: 0, host: { cpus: 3 } },
    { environment: 'prod', services: ['gpu'], count: 2, devices: 1, host: {} },
  ]);
});

it.each([
  ['another environment', service('a', {}, 'test')],
  ['another program', service('a', { command: ['python', 'server.py'] })],
  ['variables that are read at a start', service('a', { env: { LD_PRELOAD: 'x.so' } })],
])('keeps none for %s', (_name, other) => {
  expect(shown(records, [other])).toEqual([]);
});

it('keeps none where the record asks for none', () => {
  expect(shown([{ environment: 'prod', warmPool: 0 }], [service('a')])).toEqual([]);
});
