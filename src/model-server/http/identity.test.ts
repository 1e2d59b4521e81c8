import { expect, it } from 'vitest';
import { FakeInferenceEngine, fakeModelBytes } from '../../testing/fakes/fake-inference-engine.ts';
import { memoryModels, startModelServer } from '../../testing/rigs/model-server-rig.ts';

it('tells which replica it is with its health, and nowhere else', async () => {
  const tensor = { name: 'x', datatype: 'FP32', shape: [1] } as const;
  const bytes = fakeModelBytes({ inputs: [tensor], outputs: [tensor], compute: 'identity' });
  const models = memoryModels('m', new Map([[1, () => bytes]]));
  const server = await startModelServer(new FakeInferenceEngine(), models, {
    model: { name: 'm', path: '', version: 1 },
  });
  const told = async (path: string): Promise<string | null> =>
    (await server.get(path)).headers.get('plimsoll-replica-id');
  expect(await told('/v2/health/live')).toBe('replica-a/1');
  expect(await told('/v2/health/ready')).toBe('replica-a/1');
  expect(await told('/v2/models/m')).toBeNull();
  await server.stop();
});
