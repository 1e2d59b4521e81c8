import { expect, it } from 'vitest';
import type { HeldService } from '../../core/fleet/held-services.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { cacheServices, readFleetShare } from './fleet-share.ts';

const held = (service: string, environment = 'prod', origin: HeldService['origin'] = 'released'): HeldService => ({
  ...{ service, environment, origin, sinceMs: 0 },
});
const day = 86_400_000;

it('splits the budget over the services that are held there', async () => {
  const services = [
    held('a'),
    held('b'),
    held('c', 'test'),
    held('d', 'prod', 'removed'),
    held('e', 'prod', 'leaving'),
  ];
  const list = cacheServices({ heldServices: async () => services }, new FakeClock());
  const record = (policy: object) => ({
    environmentRecord: async () => ({ environment: 'prod', version: 1, by: 'ada', atMs: 0, policy }),
  });
  const share = await readFleetShare(
    record({ falseAlarms: { count: 1, perMs: day }, falseAlarmWeights: { b: 3 } }),
    held('a'),
    list,
  );
  expect(share).toMatchObject({ services: 2, rate: { count: 1, perMs: 4 * day } });
  expect(await readFleetShare(record({}), held('a'), list)).toBe(null);
  expect(await readFleetShare({ environmentRecord: async () => null }, held('a'), list)).toBe(null);
});

it('reads one list for many services, again after a while, and again after a failure', async () => {
  const clock = new FakeClock();
  let reads = 0;
  let fails = false;
  const list = cacheServices(
    {
      heldServices: async () => {
        reads += 1;
        if (fails) throw new Error('away');
        return [held('a')];
      },
    },
    clock,
  );
  await Promise.all([list('prod'), list('prod'), list('test')]);
  expect(reads).toBe(1);
  fails = true;
  await clock.advance(5_000);
  await expect(list('prod')).rejects.toThrow('away');
  fails = false;
  expect(await list('prod')).toEqual(['a']);
  expect(reads).toBe(3);
});
