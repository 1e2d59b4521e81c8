import { expect, it } from 'vitest';
import type { Evidence } from '../../core/evidence/lock/lock.ts';
import { customGroup } from '../../core/monitoring/features/custom-features.ts';
import type { ReferenceSummary } from '../../core/monitoring/features/reference.ts';
import { loadContract, minimalContract } from '../../testing/builders/contract-texts.ts';
import { comparableReference, featureSetOf } from './feature-set.ts';
import type { OpenedBundle } from './bundle-shelf.ts';

const features = 'features: [{ module: f.ts, gives: { a: number } }]';
const contract = minimalContract.replace('golden: digits-golden', `golden: digits-golden, ${features}`);
const file = { path: 'f.ts', digest: `sha256:${'1'.repeat(64)}`, bytes: 3, role: 'feature' } as const;
const opened = (text: string): Pick<OpenedBundle, 'bundle' | 'loaded'> => ({
  bundle: {
    ...{ bundleVersion: 1, service: 'digits', environment: 'default', files: [file] },
    model: { name: 'digits', digest: file.digest, files: null, place: null },
  },
  loaded: loadContract(text),
});

it('names the programs of a bundle with their files, and none where the contract names none', () => {
  expect(featureSetOf(opened(minimalContract), 'default')).toBe(null);
  expect(featureSetOf(opened(contract), 'default')).toMatchObject({
    ...{ programs: [{ module: 'f.ts' }], refused: null },
    files: [{ path: 'f.ts', bytes: 3 }],
  });
});

it('runs none of them in a cluster', () => {
  const image = contract.replace(/code: .*/, 'code: { image: registry.example/digits:2.3.1 }');
  const cluster = `${image}environments: { prod: { platform: kubernetes, namespace: vision } }\n`;
  expect(featureSetOf(opened(cluster), 'prod')?.refused).toContain('in its pods alone');
});

it('compares live rows with a reference of the same programs only', () => {
  const of = { missingShare: 0, kind: 'numeric', numeric: null } as const;
  const summary: ReferenceSummary = {
    ...{ referenceVersion: 1, featuresVersion: 1, rows: 1, ofRows: 1, cut: null },
    features: [
      { ...of, name: 'a', group: customGroup },
      { ...of, name: 'x', group: 'x' },
    ],
  };
  const set = featureSetOf(opened(contract), 'default');
  const proof = (digest: string | undefined) =>
    ({
      locked: { evidence: { evaluation: { subjects: { features: digest } } as unknown as Evidence } },
    }) as unknown as Parameters<typeof comparableReference>[2];
  const names = (found: ReferenceSummary | null) => found?.features.map(({ name }) => name);
  expect(names(comparableReference(summary, set, proof(set?.digest)))).toEqual(['a', 'x']);
  expect(names(comparableReference(summary, set, proof('sha256:0')))).toEqual(['x']);
  expect(names(comparableReference(summary, null, proof(undefined)))).toEqual(['a', 'x']);
  expect(comparableReference(null, set, proof(undefined))).toBe(null);
  const slice = (by: string) => ({ by, value: 'v', rows: 9, features: summary.features });
  const sliced = { ...summary, slices: [slice('a'), slice('x')] };
  const [first, ...more] = comparableReference(sliced, set, proof('sha256:0'))?.slices ?? [];
  expect([first?.by, first?.features.map(({ name }) => name), more.length]).toEqual(['x', ['x'], 0]);
});
