import { expect, test } from 'vitest';
import { makeList } from '../../testing/rigs/fleet-gateway-rig.ts';
import { acceptServices, serviceKey } from './services-acceptance.ts';

const held = (services: number, firstOfStream: boolean): { services: number; firstOfStream: boolean } => {
  return { services, firstOfStream };
};
const verdictOf = (list: Parameters<typeof acceptServices>[0], of: Parameters<typeof acceptServices>[1]): string =>
  acceptServices(list, of).verdict;

test('a list is followed, also one that becomes empty; an empty one that begins a stream removes nothing', () => {
  expect(verdictOf(makeList('a', 'b'), held(0, true))).toBe('apply');
  expect(verdictOf(makeList('a'), held(2, true))).toBe('apply');
  expect(verdictOf(makeList(), held(2, false))).toBe('apply');
  expect(verdictOf(makeList(), held(0, true))).toBe('apply');
  expect(acceptServices(makeList(), held(2, true))).toMatchObject({ verdict: 'refuse', next: expect.any(String) });
  expect(verdictOf({ services: [], removed: 1 }, held(2, true))).toBe('apply');
});

test('a name that two services have is refused, and so is a service that stands there twice', () => {
  const twice = { services: makeList('a', 'b').services.map((each) => ({ ...each, names: ['same'] })) };
  expect(acceptServices(twice, held(0, true))).toMatchObject({
    verdict: 'refuse',
    reason: 'same stands in the list twice',
  });
  expect(verdictOf(makeList('a', 'a'), held(0, true))).toBe('refuse');
});

test('two services never have one key, whatever their names hold', () => {
  expect(serviceKey({ service: 'a/b', environment: 'c' })).not.toBe(serviceKey({ service: 'a', environment: 'b/c' }));
  expect(serviceKey({ service: 'a","b', environment: 'c' })).not.toBe(
    serviceKey({ service: 'a', environment: 'b","c' }),
  );
});
