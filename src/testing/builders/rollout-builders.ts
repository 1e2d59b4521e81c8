import { digestOf } from '../../core/units/digest.ts';
import { pairDigest, replicaSetName } from '../../core/rollout/names.ts';
import type { Deployment, Release, ReleasedCode, ReleasedModel } from '../../core/rollout/release.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { RolloutState } from '../../core/rollout/deployment/rollout-state.ts';

export const testService = 'digits';
export const testEnvironment = 'default';

export function aCode(name = 'c1'): ReleasedCode {
  return {
    digest: digestOf(`code ${name}`),
    section: {
      command: ['plimsoll', 'serve-model'],
      args: [],
      files: [],
      env: {},
      secrets: {},
      protocol: 'open-inference-v2',
    },
    files: [],
  };
}

export function aModel(version = 1): ReleasedModel {
  return {
    name: 'digits',
    version,
    digest: digestOf(`model ${version}`),
    format: 'onnx',
    files: [{ path: 'model.onnx', digest: digestOf(`file ${version}`), bytes: 100 }],
    signature: {
      inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 4] }],
      outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }],
    },
  };
}

export function goldenOf(modelVersion: number): Release['golden'] {
  return { dataName: 'digits-golden', blob: digestOf(`golden ${modelVersion}`) };
}

export function aRelease(
  number: number,
  over: Partial<Release> & { codeName?: string; modelVersion?: number } = {},
): Release {
  const { codeName = 'c1', modelVersion = number, ...rest } = over;
  const code = rest.code ?? aCode(codeName);
  const model = rest.model ?? aModel(modelVersion);
  return {
    service: testService,
    environment: testEnvironment,
    number,
    code,
    model,
    golden: goldenOf(modelVersion),
    pair: pairDigest(code, model),
    unprovenPair: false,
    replicas: { min: 1, max: 1 },
    keepPreviousMs: 60_000,
    startTimeoutMs: 120_000,
    steps: [1],
    cause: { kind: 'release' },
    waivers: [],
    createdAtMs: 0,
    createdBy: 'tester',
    ...rest,
  };
}

export function aDeployment(over: Partial<Deployment> = {}): Deployment {
  return {
    service: testService,
    environment: testEnvironment,
    live: null,
    incoming: null,
    phase: 'live',
    step: 0,
    previous: null,
    reason: 'test',
    changedAtMs: 0,
    revision: 1,
    ...over,
  };
}

export function aReplica(release: Release, over: Partial<ObservedReplica> = {}): ObservedReplica {
  const replicaId = over.replicaId ?? `r-${release.number}-a`;
  return {
    replicaId,
    set: replicaSetName(testService, testEnvironment, release.pair),
    pair: release.pair,
    release: release.number,
    state: 'ready',
    reason: 'answers ready',
    endpoint: `http://127.0.0.1:1${release.number}`,
    pid: 100 + release.number,
    node: 'test',
    restarts: 0,
    startedAtMs: 0,
    readyAtMs: 10,
    phases: [],
    ...over,
  };
}

export function aRolloutState(over: Partial<RolloutState> = {}): RolloutState {
  return {
    service: testService,
    environment: testEnvironment,
    releases: [],
    deployment: null,
    canary: null,
    routing: null,
    replicas: [],
    scale: null,
    admissions: new Map(),
    rejections: [],
    isolations: [],
    gateways: [],
    observingSinceMs: 0,
    unwantedSinceMs: new Map(),
    nowMs: 20_000,
    ...over,
  };
}
