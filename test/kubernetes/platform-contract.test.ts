import { setTimeout as delay } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { platformContract } from '../../src/testing/contracts/platform-contract.ts';
import { scriptedWorkload, scriptOf } from '../../src/testing/rigs/local-platform-fixture.ts';
import { placeFromEnvironment } from './cluster/place.ts';
import { killContainer, openWorld, putScriptedImage } from './platform-world.ts';

/** On a real API server, scheduler, kubelet and containers, under the Role that docs/kubernetes.md lists. */
const place = placeFromEnvironment();

if (place === null) {
  describe('platform contract: kubernetes', () =>
    it.skip('needs a cluster: npm run test:kubernetes says what is missing', () => undefined));
} else {
  const image = putScriptedImage(place);
  platformContract('kubernetes', async () => {
    const world = await openWorld(place, await image);
    const { platform } = world;
    return {
      platform,
      workload: (behaviour) => scriptedWorkload(scriptOf(behaviour)),
      pass: () => delay(200),
      async reopen() {
        await platform.close();
        return world.open();
      },
      kill: (replica) => Promise.resolve(killContainer(replica.replicaId)),
      close: () => world.close(),
    };
  });
}
