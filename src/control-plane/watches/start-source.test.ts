import { expect, it } from 'vitest';
import { coldStartRecord } from '../../core/evidence/kinds/cold-start/start-measurements.ts';
import { digestOf } from '../../core/units/digest.ts';
import { pairDigest } from '../../core/rollout/names.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { loadContract, minimalContract } from '../../testing/builders/contract-texts.ts';
import { buildEvidence, buildLock, buildLockedEnvironment, digest } from '../../testing/builders/evidence-builders.ts';
import { aRelease } from '../../testing/builders/rollout-builders.ts';
import type { OpenedBundle } from '../judging/bundle-shelf.ts';
import { makeStartSource } from './start-source.ts';
import { digestOfMeasured } from '../../core/evidence/sighting.ts';

const present = {
  code: digest('code'),
  model: digest('model'),
  'device-classes': digest('cpu'),
  tier: digestOf('node-disk'),
};
const bundle = {
  bundleVersion: 1 as const,
  service: 'digits',
  environment: 'default',
  files: [],
  model: { name: 'digits', digest: digest('model'), files: null, place: null },
};
const starts = [{ totalMs: 300, outcome: 'ready' as const, phases: [] }];
const evidence = buildEvidence('cold-start', present, {
  measurements: coldStartRecord({
    coldStartVersion: 1,
    platform: 'local',
    timeoutMs: 60_000,
    tiers: { 'node-disk': { prepared: 'dropped', starts } },
  }),
});

const measured = (changes: Partial<LockedEnvironment>, coldStart = 'coldStart: { p90: 5s }') => {
  const locked = buildLockedEnvironment({ evidence: { 'cold-start': evidence }, ...changes });
  const loaded = loadContract(`${minimalContract}${coldStart}\n`);
  const opened: OpenedBundle = { digest: digest('bundle'), bundle, loaded, lock: buildLock({ default: locked }) };
  const proof = { release: aRelease(1), contract: opened, evidence: opened, loaded, locked };
  return makeStartSource(async () => proof).measured();
};

it('gives the starts of the contract tier, of the pair that the lock pins', async () => {
  const section = loadContract(minimalContract).contract.code;
  expect(await measured({})).toMatchObject({
    pair: pairDigest({ digest: digest('code'), section }, { digest: digest('model') }),
    starts,
    evidence: digestOfMeasured(evidence),
    measuredAtMs: 1_000_000,
    remedy: 'plimsoll coldstart',
  });
});

it.each([
  ['without evidence', { evidence: {} }],
  ['of other code than the lock pins', { code: { digest: digest('other'), files: {} } }],
  ['of a lock that pins nothing', { code: undefined, model: undefined }],
  ['of measurements of another shape', { evidence: { 'cold-start': { ...evidence, measurements: {} } } }],
])('gives none %s', async (_, changes) => {
  expect(await measured(changes as Partial<LockedEnvironment>)).toBeNull();
});

it('gives none of another tier, or where the contract asks for none', async () => {
  expect(await measured({}, 'coldStart: { p90: 5s, from: memory }')).toBeNull();
  expect(await measured({}, '')).toBeNull();
});

it('gives none before the first release, and of a release whose bundles cannot be read', async () => {
  expect(await makeStartSource(async () => null).measured()).toBeNull();
  const unknown = { release: aRelease(1), unknown: 'the bundle of release 1 cannot be read' };
  expect(await makeStartSource(async () => unknown).measured()).toBeNull();
});
