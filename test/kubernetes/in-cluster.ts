import { beforeAll, describe } from 'vitest';
import { placeFromEnvironment, type ClusterPlace } from './cluster/place.ts';
import { putScriptedImage } from './platform/platform-world.ts';

const nowhere: ClusterPlace = { folder: '', binaries: '', cgroup: '' };

/** Tests that need the cluster of `npm run test:kubernetes`; each is skipped, and counted as skipped, without it. */
export function describeInCluster(name: string, body: (place: ClusterPlace, image: () => string) => void): void {
  const place = placeFromEnvironment();
  describe.skipIf(place === null)(name, () => {
    let image = '';
    beforeAll(async () => {
      if (place !== null) image = await putScriptedImage(place);
    });
    body(place ?? nowhere, () => image);
  });
}
