import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import type { GoldenSet } from '../../core/monitoring/golden.ts';
import type { ReleasedCode, ReleasedModel } from '../../core/rollout/release.ts';
import { canonicalJson, digestOf, type Digest } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { ReleaseRequest } from '../../schemas/http/operations.ts';
import { aCode, aModel, testEnvironment, testService } from './rollout-builders.ts';

/** Three inputs whose answers are their doubles, as `FakeReplicaClient` gives them. */
export function aGoldenSet(modelDigest: Digest, over: Partial<GoldenSet> = {}): GoldenSet {
  return {
    goldenVersion: 1,
    dataName: 'digits-golden',
    dataDigest: digestOf('golden data'),
    modelName: 'digits',
    modelDigest,
    runtime: { onnxruntime: '1.30.0' },
    tolerance: { absolute: 0.001, relative: 0, argMax: false },
    cases: [1, 2, 3].map((value) => ({
      id: `digits-golden:${value}`,
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [value, value + 1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 2], data: [value * 2, (value + 1) * 2] }],
    })),
    ...over,
  };
}

export const freshGolden: EvidenceState = {
  kind: 'golden',
  freshness: 'fresh',
  verdict: 'pass',
  reasons: ['3 of 3 cases reproduced'],
  available: true,
};

/** A request whose model, code and golden set are stored, so that it may be released as it is. */
export async function aReleaseRequest(
  blobs: Blobs,
  modelVersion: number,
  over: Partial<ReleaseRequest> & { readonly codeName?: string; readonly goldenSet?: Partial<GoldenSet> } = {},
): Promise<ReleaseRequest> {
  const { codeName = 'c1', goldenSet, ...rest } = over;
  const model = await storedModel(blobs, modelVersion);
  const bytes = new TextEncoder().encode(canonicalJson(aGoldenSet(model.digest, goldenSet)));
  const golden = await blobs.put(bytes);
  const code: ReleasedCode = aCode(codeName);
  return {
    service: testService,
    environment: testEnvironment,
    owner: 'vision',
    code,
    model,
    golden: { dataName: 'digits-golden', blob: golden.digest },
    evidence: [freshGolden],
    waivers: [],
    replicas: { min: 1, max: 1 },
    keepPreviousMs: 60_000,
    startTimeoutMs: 120_000,
    steps: [1],
    ...rest,
  };
}

export async function storedModel(blobs: Blobs, version: number): Promise<ReleasedModel> {
  const file = await blobs.put(new TextEncoder().encode(`weights ${version}`));
  return { ...aModel(version), files: [{ path: 'model.onnx', digest: file.digest, bytes: file.bytes }] };
}
