import { FakeModelRegistry } from './fake-model-registry.ts';
import { modelRegistryContract } from '../contracts/model-registry-contract.ts';

modelRegistryContract('the fake', async () => {
  const registry = new FakeModelRegistry();
  return {
    registry,
    name: 'digits',
    seed: async (name, files) => registry.add(name, files),
    close: () => registry.close(),
  };
});
