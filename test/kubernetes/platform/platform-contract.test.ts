import { setTimeout as delay } from 'node:timers/promises';
import { platformContract } from '../../../src/testing/contracts/platform-contract.ts';
import { scriptedWorkload, scriptOf } from '../../../src/testing/rigs/local-platform-fixture.ts';
import { describeInCluster } from '../in-cluster.ts';
import { killContainer, openWorld } from './platform-world.ts';

/** A real API server, scheduler, kubelet and containers, and the rights of deploy/kubernetes/replicas-role.yaml. */
describeInCluster('a real cluster', (place, image) => {
  platformContract('kubernetes', async () => {
    const world = await openWorld(place, image());
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
});
