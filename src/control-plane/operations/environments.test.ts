import { expect, it } from 'vitest';
import { openStoreOperations } from '../../testing/rigs/store-operations.ts';
import { environmentOperations } from './environments.ts';

it('refuses a warm pool where the platform keeps none, and says what there is instead', async () => {
  const world = await openStoreOperations();
  const untouched = () => Promise.reject(new Error('nothing is written'));
  const operations = environmentOperations({
    ...{ by: 'ada', clock: world.clock, store: world.store, service: null, keepsSpares: false },
    withFence: untouched,
    changed: () => undefined,
  });
  await expect(operations.setEnvironmentRecord({ environment: 'prod', terms: { warmPool: 1 } })).rejects.toMatchObject({
    code: 'warm-pool-unsupported',
    message: expect.stringContaining('only the platform `local` keeps spares') as string,
    next: expect.stringContaining('scaling.warmPool') as string,
  });
  // None is asked for: that is no reason to refuse.
  await expect(operations.setEnvironmentRecord({ environment: 'prod', terms: { warmPool: 0 } })).rejects.toThrow(
    'nothing is written',
  );
});
