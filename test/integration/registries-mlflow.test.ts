import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe } from 'vitest';
import { makeMlflowRegistry } from '../../src/adapters/mlflow/mlflow-registry.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { modelRegistryContract } from '../../src/testing/contracts/model-registry-contract.ts';
import { MlflowServer } from './registries/mlflow-server.ts';
import { findPythonServers } from './registries/servers.ts';

const found = findPythonServers();
if (found.kind === 'missing') console.warn(`skipped: ${found.why}`);

describe.skipIf(found.kind === 'missing')('a real MLflow server', () => {
  modelRegistryContract('MLflow', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-mlflow-'));
    const server = await MlflowServer.start(found.kind === 'installed' ? found.bin : '', folder);
    const registry = makeMlflowRegistry({
      base: new URL(server.origin),
      location: server.origin.replace('http', 'mlflow'),
      env: {},
      clock: systemClock,
      openPlace: () => Promise.resolve(null),
    });
    return {
      registry,
      name: 'digits-mlflow',
      seed: (name, files) => server.seed(name, files),
      async close() {
        await registry.close();
        await server.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  });
});
