import path from 'node:path';
import { makeFileBlobs } from '../../src/adapters/files/blobs.ts';
import { makeProcessIdentity } from '../../src/adapters/processes/process-table/process-identity.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { codeDigest } from '../../src/core/contract/code-digest.ts';
import type { ImageFacts } from '../../src/core/evidence/lock/image-facts.ts';
import { isDigest } from '../../src/core/units/digest.ts';
import { readContract } from '../../src/schemas/contract/contract.ts';
import type { ReleaseRequest } from '../../src/schemas/http/operations.ts';
import { aReleaseRequest, type BundleOver } from '../../src/testing/builders/release-fixture.ts';

export const environment = 'prod';

export interface ProductRelease {
  /** By its digest. */
  readonly image: string;
  readonly service: string;
  /** Of the model, which answers `x * (version + 1)`. */
  readonly version: number;
  readonly replicas: number;
  /** Keys of the contract's section `rollout`. */
  readonly rollout?: object;
}

/** A release of an image with its model inside, stored with all that it names in a control plane's state folder. */
export async function makeProductRelease(
  stateFolder: string,
  { image, service, version, replicas, rollout = {} }: ProductRelease,
): Promise<ReleaseRequest> {
  const blobs = makeFileBlobs({
    folder: path.join(stateFolder, 'blobs'),
    identity: makeProcessIdentity(),
    clock: systemClock,
    random: systemRandom,
  });
  const { contract, ...release } = makeImageRelease({ image, service, version });
  return await aReleaseRequest(blobs, version, {
    ...release,
    service,
    environment,
    contract: {
      ...contract,
      scaling: { signal: 'queue-depth', replicas: { min: replicas, max: replicas } },
      rollout: { keepPrevious: '10m', ...rollout },
      environments: { [environment]: { platform: 'kubernetes' } },
    },
  });
}

/** What a release of an image with its model inside has beside its scaling: code, lock and golden set. */
export function makeImageRelease({
  image,
  service,
  version,
}: Pick<ProductRelease, 'image' | 'service' | 'version'>): BundleOver & { readonly contract: object } {
  const code = { image };
  const read = readContract(
    Buffer.from(
      JSON.stringify({ apiVersion: 'plimsoll.dev/v1', service, code, model: { name: service, version: '1' } }),
    ),
    'plimsoll.yaml',
    'plimsoll.yaml',
  );
  if (!read.ok) throw new Error('the contract of this test is wrong');
  const facts = factsOf(image);
  const pinned = { digest: codeDigest(read.loaded.contract.code, {}, facts.digest), image, files: {}, facts };
  return {
    contract: { code },
    goldenSet: {
      cases: [1, 2].map((value) => ({
        id: `golden:${value}`,
        inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [value] }],
        outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [value * (version + 1)] }],
      })),
    },
    lock: (locked) => ({ ...locked, code: pinned }),
    // The nodes of the cluster are not seen, so nobody can tell whether this evidence still holds there.
    waivers: [{ kind: 'golden', reason: 'its nodes are not seen', untilMs: Date.now() + 3_600_000 }],
  };
}

/** As `plimsoll pin` writes them of an image without anything that bears on hardware. */
function factsOf(image: string): ImageFacts {
  const digest = image.split('@')[1] ?? '';
  if (!isDigest(digest)) throw new Error(`${image} is not named by its digest`);
  const platform = { os: 'linux', architecture: 'amd64' };
  const nothing = { cuda: null, components: {}, python: [], compat: null, libraries: [], cpuLevel: null, unknown: {} };
  return { digest, platform, env: {}, labels: {}, ...nothing };
}
