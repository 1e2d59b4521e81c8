import { expect, it } from 'vitest';
import { summarizeMix } from '../../../core/evidence/kinds/capacity/request-mix.ts';
import type { LockedEnvironment } from '../../../core/evidence/lock/lock.ts';
import { measuredCapacity } from '../../../testing/builders/capacity-builders.ts';
import { loadContract, minimalContract } from '../../../testing/builders/contract-texts.ts';
import {
  buildEvidence,
  buildLock,
  buildLockedEnvironment,
  digest,
} from '../../../testing/builders/evidence-builders.ts';
import { aRelease } from '../../../testing/builders/rollout-builders.ts';
import type { OpenedBundle } from '../../judging/bundle-shelf.ts';
import { makeMixSource } from './mix-source.ts';
import { digestOfMeasured } from '../../../core/evidence/sighting.ts';

const requests = [{ rows: 1 }, { rows: 8 }];
const mix = { source: 'text', of: 'rows', requests: 2, summary: summarizeMix(requests), surface: [] } as const;
const present = { code: digest('code'), model: digest('model'), 'device-classes': digest('cpu') };
const evidence = buildEvidence('capacity', present, { measurements: { ...measuredCapacity, mix } });
const bundle = {
  bundleVersion: 1 as const,
  service: 'digits',
  environment: 'default',
  files: [],
  model: { name: 'digits', digest: digest('model'), files: null, place: null },
};

const measured = (changes: Partial<LockedEnvironment>) => {
  const locked = buildLockedEnvironment({ evidence: { capacity: evidence }, ...changes });
  const loaded = loadContract(minimalContract);
  const opened: OpenedBundle = { digest: digest('bundle'), bundle, loaded, lock: buildLock({ default: locked }) };
  const proof = { release: aRelease(1), contract: opened, evidence: opened, loaded, locked };
  return makeMixSource(async () => proof).measured();
};

it('gives the mix that the capacity of the released pair was measured for', async () => {
  expect(await measured({})).toEqual({
    release: 1,
    mix,
    evidence: digestOfMeasured(evidence),
    measuredAtMs: 1_000_000,
    remedy: 'plimsoll capacity --mix captures',
  });
});

it.each([
  ['without evidence', { evidence: {} }],
  ['of evidence without a mix', { evidence: { capacity: { ...evidence, measurements: { ...measuredCapacity } } } }],
  ['of other code than the lock pins', { code: { digest: digest('other'), files: {} } }],
  ['of a lock that pins nothing', { code: undefined, model: undefined }],
  ['of measurements of another shape', { evidence: { capacity: { ...evidence, measurements: { mix } } } }],
])('gives none %s', async (_, changes) => {
  expect(await measured(changes as Partial<LockedEnvironment>)).toBeNull();
});

it('gives none before the first release', async () => {
  expect(await makeMixSource(async () => null).measured()).toBeNull();
});
