import { localOperator } from '../../core/access/requester.ts';
import { artifactDigest } from '../../core/registry/artifact.ts';
import { testJudging, testMachine } from './test-judging.ts';
import { judgeCheckout } from '../../prove/judge/judge-checkout.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeFileProject } from '../../adapters/files/project/project.ts';
import { makeOperations } from '../../control-plane/operations/operations.ts';
import { answerReadiness } from '../../core/readiness/answers.ts';
import { controlPlaneLease } from '../../core/rollout/names.ts';
import type { ArtifactRepository } from '../../ports/artifacts/artifact-repository.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { Project } from '../../ports/project/project.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import { runCommandLine, type CommandLineResult } from './command-line.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeMachine } from '../fakes/fake-platform.ts';
import { FakeReplicaClient } from '../fakes/fake-replica-client.ts';
import { memoryBlobs } from '../fakes/memory/memory-blobs.ts';
import { memoryPredictionIndex } from '../fakes/memory/memory-prediction-index.ts';
import { memoryStore } from '../fakes/memory/memory-store.ts';
import { parseInPlace } from '../../schemas/parse-in-place.ts';
import { aModel } from '../builders/rollout-builders.ts';
import { nobodyWatches } from '../../control-plane/health/service-health.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: digits
owner: vision
code: { command: [plimsoll, serve-model], files: [server.yaml] }
model: { name: digits, version: candidate }
monitoring: { golden: digits-golden }
rollout: { keepPrevious: 1h }
`;

/**
 * A folder with a contract, a registry with a model and golden inputs, and a platform and replicas that are fakes: what a
 * person has who is about to release. The alias `candidate` is moved by `addModel`.
 */
export class ReleaseWorld {
  readonly store: Store = memoryStore();
  readonly blobs: Blobs = memoryBlobs();
  client = new FakeReplicaClient();
  /** Of the commands; null for one that stands still. */
  clock: Clock | null = null;
  /** What commands said on the way. */
  readonly notes: string[] = [];
  readonly predictionIndex = memoryPredictionIndex();
  /** Where versions are pushed to, for the tests that do. */
  artifactRepository: ArtifactRepository | null = null;
  readonly machine = new FakeMachine(new FakeClock());
  readonly nowMs = 1_700_000_000_000;
  readonly folder: string;
  readonly project: Project;
  readonly #fence: Fence;
  #versions = 0;

  private constructor(folder: string, fence: Fence, store: Store) {
    this.folder = folder;
    this.store = store;
    this.#fence = fence;
    this.project = makeFileProject({
      parser: parseInPlace,
      contractFile: path.join(folder, 'plimsoll.yaml'),
      stateFolder: path.join(folder, '.plimsoll'),
      machine: () => testMachine,
      records: async (service, environment) => ({
        waivers: await store.waivers(service, environment),
        invalidations: await store.invalidations(service, environment),
      }),
    });
  }

  static async open(): Promise<ReleaseWorld> {
    const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-release-'));
    await writeFile(path.join(folder, 'plimsoll.yaml'), contract);
    await writeFile(path.join(folder, 'server.yaml'), 'maxBatch: 32\n');
    const store = memoryStore();
    const lease = controlPlaneLease;
    const fence = await store.leases.acquire({ lease, holder: 'tests', ttlMs: 1e12, nowMs: 0 });
    if (fence === null) throw new Error('the lease of a new store is free');
    const world = new ReleaseWorld(folder, fence, store);
    await world.addModel();
    await world.#addGoldenInputs();
    return world;
  }

  /** Another version of the model, which `candidate` then means. */
  async addModel(): Promise<void> {
    const from = this.#versions === 0 ? null : this.#versions;
    this.#versions += 1;
    const { name, format, signature } = aModel(this.#versions);
    const weights = await this.blobs.put(new TextEncoder().encode(`weights ${this.#versions}`));
    const operations = this.operations();
    const files = [{ path: 'model.onnx', digest: weights.digest, bytes: weights.bytes }];
    await operations.addModelVersion({
      environment: 'default',
      name,
      digest: artifactDigest(files),
      format: format as 'onnx',
      files,
      signature,
      facts: {},
      lineage: {},
    });
    const move = { environment: 'default', name, alias: 'candidate', from, to: this.#versions, reason: 'newer' };
    await operations.moveAlias(move);
  }

  async #addGoldenInputs(): Promise<void> {
    const rows = [1, 2, 3].map((value) => JSON.stringify({ image: [value, 0, 0, 1], label: 0 }));
    const file = await this.blobs.put(new TextEncoder().encode(`${rows.join('\n')}\n`));
    await this.operations().addDataVersion({
      environment: 'default',
      name: 'digits-golden',
      digest: file.digest,
      files: [{ path: 'rows.jsonl', digest: file.digest, bytes: file.bytes }],
      rows: 3,
      columns: [{ name: 'image', type: 'integer[4]' }],
    });
  }

  operations(): Operations {
    const { project, nowMs } = this;
    return makeOperations({
      service: 'digits',
      store: this.store,
      blobs: this.blobs,
      clock: new FakeClock(nowMs),
      plimsollVersion: '0.0.0',
      by: 'tests',
      grants: localOperator,
      withFence: (_environment, write) => write(this.#fence),
      changed: () => undefined,
      judging: testJudging(this.blobs),
      deciding: new Set(),
      facts: {
        owner: async () => 'vision',
        evidence: (environment) => judgeCheckout(project, environment, nowMs),
        evidenceOf: async () => null,
        readiness: async (environment) =>
          answerReadiness((await project.contract()).contract, await judgeCheckout(project, environment, nowMs)),
        replicas: async () => [],
        rejections: () => [],
        gateways: () => [],
        scaling: () => null,
        health: () => nobodyWatches,
        promises: async () => null,
        monitoring: async () => undefined,
      },
    });
  }

  /** Runs a command with no control plane around. */
  run(...argv: readonly string[]): Promise<CommandLineResult> {
    return runCommandLine(argv, {
      project: this.project,
      store: this.store,
      blobs: this.blobs,
      operations: this.operations(),
      platform: this.machine.platform(),
      replicaClient: this.client,
      predictionIndex: this.predictionIndex,
      ...(this.artifactRepository === null ? {} : { artifactRepository: this.artifactRepository }),
      controlPlane: null,
      cwd: this.folder,
      nowMs: this.nowMs,
      notes: this.notes,
      ...(this.clock === null ? {} : { clock: this.clock }),
    });
  }

  /** Makes the incoming release live, as a control plane would. */
  async bringIn(): Promise<void> {
    await this.store.transaction(this.#fence, async (tx) => {
      const deployment = await tx.deployment('digits', 'default');
      if (deployment === null || deployment.incoming === null) throw new Error('nothing comes in');
      const { revision, ...rest } = deployment;
      await tx.setDeployment({ ...rest, live: deployment.incoming, incoming: null, phase: 'live' }, revision);
      await tx.appendEvent({
        service: 'digits',
        environment: 'default',
        kind: 'release.live',
        summary: `Release ${deployment.incoming} is live`,
        by: 'tests',
        atMs: this.nowMs,
        data: { release: deployment.incoming, left: deployment.live, previous: null, reason: 'the test says so' },
      });
    });
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }
}
