import { bundleBytes, bundleFileKey, type Bundle, type BundleFile, type BundleRole } from '../../core/bundle/bundle.ts';
import { codeDigest } from '../../core/contract/code-digest.ts';
import type { Evidence, EvidenceKind, EvidenceState, Lock, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { presentSubjects } from '../../core/evidence/present-subjects.ts';
import { bindSubjects, type SubjectDigests } from '../../core/evidence/subjects.ts';
import type { GoldenSet } from '../../core/monitoring/golden.ts';
import { artifactDigest } from '../../core/registry/artifact.ts';
import { goldenFile } from '../../core/rollout/names.ts';
import type { ReleasedModel } from '../../core/rollout/release.ts';
import type { AskedWaiver } from '../../core/rollout/release-ask.ts';
import { canonicalJson, digestOf, type Digest } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { MachineFacts } from '../../ports/project/project.ts';
import { runtimeOfService } from '../../prove/pin/pin-hardware.ts';
import { readContract } from '../../schemas/contract/contract.ts';
import type { ReleaseRequest } from '../../schemas/http/operations.ts';
import { lockText } from '../../schemas/lock/lock.ts';
import { testMachine } from '../rigs/test-judging.ts';
import { aModel, testEnvironment, testService } from './rollout-builders.ts';

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

export interface BundleOver {
  readonly service?: string;
  readonly environment?: string;
  /** An argument of the command, so that another name is other code. */
  readonly codeName?: string;
  /** Sections of the contract, as they are written; null leaves one out. */
  readonly contract?: Readonly<Record<string, unknown>>;
  readonly goldenSet?: Partial<GoldenSet>;
  /** Makes another lock of the one that fits; `present` are the subjects that evidence of it is bound to. */
  readonly lock?: (locked: LockedEnvironment, present: SubjectDigests) => LockedEnvironment;
  /** Of the files that the bundle holds. */
  readonly files?: (files: readonly BundleFile[]) => readonly BundleFile[];
  /** A model whose files the caller stores. */
  readonly model?: Partial<ReleasedModel>;
  /** That it was measured on; the machine of tests unless given. */
  readonly machine?: MachineFacts;
  readonly waivers?: readonly AskedWaiver[];
  readonly again?: boolean;
}

/** A request by a bundle that is stored with all that it names, so that it may be released as it is. */
export async function aReleaseRequest(
  blobs: Blobs,
  modelVersion: number,
  over: BundleOver = {},
): Promise<ReleaseRequest> {
  const bundle = await aStoredBundle(blobs, modelVersion, over);
  const { digest } = await blobs.put(bundleBytes(bundle));
  const { service, environment } = bundle;
  return { service, environment, bundle: digest, waivers: over.waivers ?? [], again: over.again ?? false };
}

/** A bundle with all that it names in `blobs`. Each service has a model of its own name. */
export async function aStoredBundle(blobs: Blobs, modelVersion: number, over: BundleOver = {}): Promise<Bundle> {
  const { service = testService, environment = testEnvironment, codeName = 'c1', machine = testMachine } = over;
  const model = { ...(await storedModel(blobs, modelVersion)), name: service, ...over.model };
  const goldenSet = aGoldenSet(model.digest, { modelName: model.name, ...over.goldenSet });
  const written = contractOf({ service, environment, codeName, model, golden: goldenSet.dataName }, over.contract);
  const contractText = canonicalJson(written);
  const reading = readContract(Buffer.from(contractText), 'plimsoll.yaml', 'plimsoll.yaml');
  if (!reading.ok) throw new Error(`the contract of this test is wrong: ${JSON.stringify(reading.problems)}`);
  const { loaded } = reading;
  const {
    dataName,
    dataDigest,
    cases: { length: cases },
  } = goldenSet;
  const golden = Buffer.from(canonicalJson(goldenSet));
  const goldenBlob = (await blobs.put(golden)).digest;
  const code = { digest: codeDigest(loaded.contract.code, {}), files: {} };
  const { name, version, digest, format } = model;
  const pins: LockedEnvironment = {
    code,
    model: { name, version, digest, format, signature: model.signature ?? { inputs: [], outputs: [] } },
    data: loaded.contract.monitoring?.golden === undefined ? {} : { [dataName]: { version: 1, digest: dataDigest } },
    deviceClasses: [machine.deviceClass.digest],
    runtime: runtimeOfService(loaded.contract, undefined, machine.runtime),
    evidence: {},
  };
  const present = presentSubjects({
    loaded,
    locked: pins,
    codeDigest: code.digest,
    pricesDigest: null,
    ruleTables: null,
    deviceClasses: null,
  });
  const measured = (kind: EvidenceKind, measurements: Evidence['measurements']): Evidence => ({
    kind,
    subjects: bindSubjects(kind, present),
    measurements,
    measuredAtMs: 0,
    by: 'tests',
    plimsollVersion: '0.0.0',
  });
  const evidence = {
    golden: measured('golden', { goldenBlob, cases, reproducedCases: cases, code: code.digest }),
  };
  const fitting: LockedEnvironment = { ...pins, evidence };
  const lock: Lock = {
    lockVersion: 1,
    service,
    environments: { [environment]: over.lock?.(fitting, present) ?? fitting },
  };
  const put = async (path: string, text: string | Uint8Array, role: BundleRole): Promise<BundleFile> => {
    const bytes = Buffer.from(text);
    return { path, digest: (await blobs.put(bytes)).digest, bytes: bytes.length, role };
  };
  const files = [
    await put('plimsoll.yaml', contractText, 'contract'),
    await put('plimsoll.lock', lockText(lock), 'lock'),
    ...(loaded.contract.monitoring?.golden === undefined
      ? []
      : [await put(goldenFile(dataName, model.digest), golden, 'golden')]),
  ];
  const held = [...(over.files?.(files) ?? files)].sort((a, b) => (bundleFileKey(a) < bundleFileKey(b) ? -1 : 1));
  return {
    bundleVersion: 1,
    service,
    environment,
    files: held,
    model: { name, digest: model.digest, files: model.files, place: null },
  };
}

function contractOf(
  of: { service: string; environment: string; codeName: string; model: ReleasedModel; golden: string },
  sections: Readonly<Record<string, unknown>> = {},
): object {
  const written = {
    apiVersion: 'plimsoll.dev/v1',
    service: of.service,
    owner: 'vision',
    code: { command: ['plimsoll', 'serve-model'], args: [of.codeName] },
    model: { name: of.model.name, version: String(of.model.version) },
    monitoring: { golden: of.golden },
    rollout: { keepPrevious: '1m' },
    environments: { [of.environment]: {} },
    ...sections,
  };
  return Object.fromEntries(Object.entries(written).filter(([, section]) => section !== null));
}

/** A model whose digest is that of its files, which are stored. */
export async function storedModel(blobs: Blobs, version: number): Promise<ReleasedModel> {
  const { digest, bytes } = await blobs.put(new TextEncoder().encode(`weights ${version}`));
  const files = [{ path: 'model.bin', digest, bytes }];
  return { ...aModel(version), format: 'other', digest: artifactDigest(files), files, signature: null };
}
