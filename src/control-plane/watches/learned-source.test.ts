import { expect, it } from 'vitest';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { loadContract, minimalContract } from '../../testing/builders/contract-texts.ts';
import { buildEvidence, buildLock, buildLockedEnvironment, digest } from '../../testing/builders/evidence-builders.ts';
import { aRelease } from '../../testing/builders/rollout-builders.ts';
import type { OpenedBundle } from '../judging/bundle-shelf.ts';
import { makeLearnedSource } from './learned-source.ts';
import { digestOfMeasured } from '../../core/evidence/sighting.ts';

const present = { code: digest('code'), model: digest('model'), 'device-classes': digest('cpu') };
const evidence = {
  capacity: buildEvidence('capacity', present),
  'cold-start': buildEvidence('cold-start', { ...present, code: digest('earlier') }),
};
const bundle = {
  bundleVersion: 1 as const,
  service: 'digits',
  environment: 'default',
  files: [],
  model: { name: 'digits', digest: digest('model'), files: null, place: null },
};

function sourceOf(changes: Partial<LockedEnvironment> = {}, sections = '') {
  const locked = buildLockedEnvironment({ evidence, ...changes });
  const loaded = loadContract(`${minimalContract}${sections}\n`);
  const opened: OpenedBundle = { digest: digest('bundle'), bundle, loaded, lock: buildLock({ default: locked }) };
  return makeLearnedSource(async () => ({
    ...{ release: aRelease(1), contract: opened, evidence: opened, loaded, locked },
  }));
}

it('gives when the evidence of the pinned pair was measured, and the command that measures it again', async () => {
  expect(await sourceOf().measured('capacity')).toEqual({
    evidence: digestOfMeasured(evidence.capacity),
    measuredAtMs: evidence.capacity.measuredAtMs,
    remedy: 'plimsoll capacity',
  });
  const several = sourceOf({}, 'environments: { default: {}, prod: {} }');
  expect((await several.measured('capacity'))?.remedy).toBe('plimsoll capacity --environment default');
});

it('gives none of other code, of a lock that pins nothing, without evidence, or before the first release', async () => {
  expect(await sourceOf().measured('cold-start')).toBeNull();
  const unpinned = { code: undefined } as unknown as Partial<LockedEnvironment>;
  expect(await sourceOf(unpinned).measured('capacity')).toBeNull();
  expect(await sourceOf({ evidence: {} }).measured('capacity')).toBeNull();
  expect(await makeLearnedSource(async () => null).measured('capacity')).toBeNull();
});
