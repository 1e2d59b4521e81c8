/** Two machines release one service at once; and a bundle of as many files as there may be. */
import { beforeEach, expect, it } from 'vitest';
import { codeDigest } from '../../../core/contract/code-digest.ts';
import { isOpenAsk } from '../../../core/rollout/release-ask.ts';
import type { BundleFile } from '../../../core/bundle/bundle.ts';
import { loadContract } from '../../../testing/builders/contract-texts.ts';
import { aReleaseRequest } from '../../../testing/builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../../testing/builders/rollout-builders.ts';
import { openStoreOperations, type StoreOperations } from '../../../testing/rigs/store-operations.ts';

let world: StoreOperations;
beforeEach(async () => {
  world = await openStoreOperations();
});
const eventKinds = async (): Promise<readonly string[]> =>
  (await world.store.events({ service, environment, kindPrefix: 'release.' })).map(({ kind }) => kind);

it('of one bundle one comes in, and the other one is told that it does', async () => {
  const request = await aReleaseRequest(world.blobs, 1);
  const answers = await Promise.all(['ada', 'ci', 'eve'].map((by) => world.operationsFor(by).release(request)));
  expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['live', 'live', 'released']);
  expect(answers.map(({ release, ask }) => [release?.number, ask.release])).toEqual([
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
  expect(await eventKinds()).toEqual(['release.created']);
});

it('of two bundles each gets a number, and the later takes the place of the other', async () => {
  const requests = [await aReleaseRequest(world.blobs, 1), await aReleaseRequest(world.blobs, 2)];
  const answers = await Promise.all(requests.map((request) => world.operationsFor('ada').release(request)));
  expect(answers.map(({ release }) => release?.number).toSorted()).toEqual([1, 2]);
  const later = answers.find(({ release }) => release?.number === 2)!;
  expect(await world.store.deployment(service, environment)).toMatchObject({ live: null, incoming: 2 });
  expect(later.release?.bundles?.contract).toBe(later.ask.bundle);
  expect(await eventKinds()).toEqual(['release.created', 'release.superseded', 'release.created']);
  const asks = await world.store.releaseAsks(service, environment);
  expect(asks.filter(isOpenAsk)).toEqual([]);
});

it('takes 10,000 files, each of which the lock names', { timeout: 60_000 }, async () => {
  const section = { command: ['plimsoll', 'serve-model'], args: ['c1'], files: ['code'] };
  const { digest, bytes } = await world.blobs.put(Buffer.from('print()'));
  // With contract, lock and golden outputs.
  const code = Array.from({ length: 9_997 }, (_, at): BundleFile => ({
    path: `code/${at}.py`,
    digest,
    bytes,
    role: 'code',
  }));
  const files = Object.fromEntries(code.map(({ path }) => [path, digest]));
  const { contract } = loadContract(
    'apiVersion: plimsoll.dev/v1\nservice: digits\nmodel: { name: digits, version: "1" }\n' +
      'code: { command: [plimsoll, serve-model], args: [c1], files: [code] }\n',
  );
  const all = codeDigest(contract.code, files);
  const { outcome, release } = await world.operationsFor('ada').release(
    await aReleaseRequest(world.blobs, 1, {
      contract: { code: section },
      files: (inside) => [...inside, ...code],
      lock: (locked) => {
        const golden = locked.evidence.golden!;
        const subjects = { ...golden.subjects, code: all };
        return { ...locked, code: { digest: all, files }, evidence: { golden: { ...golden, subjects } } };
      },
    }),
  );
  expect([outcome, release?.code.files.length]).toEqual(['released', 9_997]);
});
