import { beforeEach, expect, test } from 'vitest';
import type { BundleFile } from '../../core/bundle/bundle.ts';
import type { Evidence } from '../../core/evidence/lock/lock.ts';
import { featuresVersion, type ReferenceSummary } from '../../core/monitoring/features/reference.ts';
import { digestOf, type Digest } from '../../core/units/digest.ts';
import { referenceBytes } from '../../prove/evaluate/evaluate-reference.ts';
import { buildEvidence, buildLock, buildLockedEnvironment } from '../../testing/builders/evidence-builders.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { readReference } from './read-reference.ts';

const model = digestOf('model');
const summary: ReferenceSummary = {
  referenceVersion: 1,
  featuresVersion,
  rows: 2,
  ofRows: 2,
  features: [{ name: 'class', group: 'y', kind: 'category', missingShare: 0, shares: { a: 1 } }],
  cut: null,
};

let blobs: ReturnType<typeof memoryBlobs>;
beforeEach(() => {
  blobs = memoryBlobs();
});

async function openedWith(
  bytes: Uint8Array | null,
  over: { readonly named?: Digest | null; readonly of?: Digest; readonly bytes?: number } = {},
) {
  const digest = bytes === null ? digestOf('gone') : (await blobs.put(bytes)).digest;
  const named = over.named === undefined ? digest : over.named;
  const measurements = named === null ? {} : { reference: named };
  const evidence: Evidence = {
    ...buildEvidence('evaluation', {}, { measurements }),
    subjects: { model: over.of ?? model },
  };
  const files: BundleFile[] = [{ path: 'reference/a.json', digest, bytes: over.bytes ?? 100, role: 'reference' }];
  return {
    bundle: {
      bundleVersion: 1 as const,
      service: 'digits',
      environment: 'prod',
      files,
      model: { name: 'digits', digest: model, files: null, place: null },
    },
    lock: buildLock({ prod: { ...buildLockedEnvironment(), evidence: { evaluation: evidence } } }),
  };
}

test('is the summary that the evaluation evidence of the bundle names', async () => {
  expect(await readReference(blobs, await openedWith(referenceBytes(summary)))).toEqual(summary);
});

test('is unknown in a bundle of an earlier version', async () => {
  const opened = await openedWith(referenceBytes(summary), { named: null });
  expect(await readReference(blobs, { ...opened, bundle: { ...opened.bundle, files: [] } })).toBeNull();
  expect(await readReference(blobs, opened)).toBeNull();
});

test.each([
  ['another blob than the lock names', { named: digestOf('another') }],
  ['evidence of another model', { of: digestOf('another') }],
  ['a file that is too large', { bytes: 2 ** 30 }],
])('is unknown with %s', async (_, over) => {
  expect(await readReference(blobs, await openedWith(referenceBytes(summary), over))).toBeNull();
});

test.each([
  ['a blob that is gone', null],
  ['a blob that is none', new TextEncoder().encode('{"rows":')],
  ['a blob of another form', new TextEncoder().encode('{"rows":3}')],
  ['features that another version computed', referenceBytes({ ...summary, featuresVersion: featuresVersion + 1 })],
])('is unknown with %s', async (_, bytes) => {
  expect(await readReference(blobs, await openedWith(bytes))).toBeNull();
});
