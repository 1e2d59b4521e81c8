import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFileBlobs } from '../../src/adapters/files/blobs.ts';
import { startTokenFile } from '../../src/adapters/http-control/run-files.ts';
import { makeProcessIdentity } from '../../src/adapters/processes/process-table/process-identity.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { codeDigest } from '../../src/core/contract/code-digest.ts';
import type { ImageFacts } from '../../src/core/evidence/lock/image-facts.ts';
import type { StoredEvent } from '../../src/core/records/event.ts';
import { isDigest } from '../../src/core/units/digest.ts';
import type { ReleaseAnswer } from '../../src/schemas/http/operations.ts';
import type { ServiceView } from '../../src/schemas/view/view.ts';
import { aReleaseRequest } from '../../src/testing/builders/release-fixture.ts';
import { ownWords } from '../../src/testing/rigs/own-program.ts';
import { readContract } from '../../src/schemas/contract/contract.ts';
import { callApi, demandApi } from './cluster/api.ts';
import { findImage, putProgramImage } from './cluster/image.ts';
import { fileOf, type ClusterPlace } from './cluster/place.ts';
import { makeNamespace } from './platform-world.ts';

const program = path.join(import.meta.dirname, 'programs/multiplying-server.ts');
export const service = 'product';
export const environment = 'prod';
const waitLimitMs = 90_000;

/** What the API server has of a pod. */
export interface PodFacts {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly set: string;
  readonly containerId: string;
  readonly admitted: { readonly status: string; readonly message: string } | null;
  readonly isReady: boolean;
}

/** A real control plane and a real gateway as processes, whose replicas are pods of the cluster. */
export class ServingWorld {
  readonly place: ClusterPlace;
  readonly namespace: string;
  readonly folder: string;
  readonly #image: string;
  readonly #port: number;
  #controlPlane: ChildProcess | null = null;
  #gateway: ChildProcess | null = null;

  private constructor(place: ClusterPlace, namespace: string, image: string, port: number) {
    this.place = place;
    this.namespace = namespace;
    this.#image = image;
    this.#port = port;
    this.folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-serving-'));
  }

  static async open(place: ClusterPlace, port: number): Promise<ServingWorld> {
    const image = findImage(place, 'multiplying') ?? (await putProgramImage(place, 'multiplying', program));
    const { namespace } = await makeNamespace(place);
    const world = new ServingWorld(place, namespace, image, port);
    await world.startControlPlane();
    world.#gateway = world.#start('gateway', [
      ...['gateway', '--state', world.folder, '--control-plane', `http://127.0.0.1:${port}`],
      ...['--listen', `127.0.0.1:${port + 1}`, '--id', 'gateway-1'],
    ]);
    return world;
  }

  get gatewayUrl(): string {
    return `http://127.0.0.1:${this.#port + 1}/services/${service}`;
  }

  /** With the rights of the Role, and nothing else. */
  async startControlPlane(): Promise<void> {
    const words = ['control-plane', '--platform', 'kubernetes', '-n', this.namespace, '--state', this.folder];
    this.#controlPlane = this.#start('control-plane', [...words, '--listen', `127.0.0.1:${this.#port}`]);
    await this.until('the control plane answers', async () => (await this.#ask('GET', '/v1/health')).status < 600);
  }

  /** As `kill -9` does. */
  async killControlPlane(): Promise<void> {
    const child = this.#controlPlane;
    if (child === null) throw new Error('no control plane runs');
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Releases version `version` of the model, which answers `x * (version + 1)`; resolves once it is live. */
  async release(version: number, replicas: number, rollout: object = {}): Promise<void> {
    const blobs = makeFileBlobs({
      folder: path.join(this.folder, 'blobs'),
      identity: makeProcessIdentity(),
      clock: systemClock,
      random: systemRandom,
    });
    const image = this.#image;
    const code = { image };
    const read = readContract(
      Buffer.from(
        JSON.stringify({ apiVersion: 'plimsoll.dev/v1', service, code, model: { name: service, version: '1' } }),
      ),
      'plimsoll.yaml',
      'plimsoll.yaml',
    );
    if (!read.ok) throw new Error('the contract of this test is wrong');
    const facts = factsOf(image);
    const pinned = { digest: codeDigest(read.loaded.contract.code, {}, facts.digest), image, files: {}, facts };
    const request = await aReleaseRequest(blobs, version, {
      service,
      environment,
      contract: {
        code,
        scaling: { signal: 'queue-depth', replicas: { min: replicas, max: replicas } },
        rollout: { keepPrevious: '10m', ...rollout },
        environments: { [environment]: { platform: 'kubernetes' } },
      },
      goldenSet: {
        cases: [1, 2].map((value) => ({
          id: `golden:${value}`,
          inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [value] }],
          outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [value * (version + 1)] }],
        })),
      },
      lock: (locked) => ({ ...locked, code: pinned }),
      // The nodes of the cluster are not seen, so nobody can tell whether this evidence still holds there.
      waivers: [{ kind: 'golden', reason: 'its nodes are not seen', untilMs: Date.now() + 3_600_000 }],
    });
    const { status, body } = await this.#ask('POST', '/v1/releases', request);
    if (status > 299) throw new Error(`the release was answered ${status}: ${JSON.stringify(body)}`);
    const number = (body as ReleaseAnswer).release?.number;
    await this.untilLive(number ?? NaN);
  }

  async rollback(): Promise<void> {
    const request = { service, environment, axis: 'model', reason: 'a test' };
    const { status, body } = await this.#ask('POST', '/v1/rollbacks', request);
    if (status > 299) throw new Error(`the rollback was answered ${status}: ${JSON.stringify(body)}`);
  }

  async untilLive(number: number): Promise<void> {
    await this.until(`release ${number} is live`, async () => {
      const { deployment } = await this.view();
      if (deployment?.phase === 'failed') throw new Error(`the release failed: ${deployment.reason}`);
      return deployment?.phase === 'live' && deployment.live === number;
    });
  }

  async view(): Promise<ServiceView> {
    return (await this.#ask('GET', `/v1/view?service=${service}&environment=${environment}`)).body as ServiceView;
  }

  async events(prefix: string): Promise<readonly StoredEvent[]> {
    const { body } = await this.#ask('GET', `/v1/events?service=${service}&environment=${environment}&limit=1000`);
    return (body as readonly StoredEvent[]).filter(({ kind }) => kind.startsWith(prefix));
  }

  /** Of replicas, by name. */
  async pods(): Promise<readonly PodFacts[]> {
    const { items } = await demandApi(this.place, 'GET', `/api/v1/namespaces/${this.namespace}/pods`);
    return (items as readonly { readonly metadata: Readonly<Record<string, unknown>> }[])
      .filter(({ metadata }) => metadata['deletionTimestamp'] === undefined)
      .map(factsOfPod)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Names of the pods that the slices of the Service list. */
  async endpoints(): Promise<readonly string[]> {
    const { items } = await demandApi(
      this.place,
      'GET',
      `/apis/discovery.k8s.io/v1/namespaces/${this.namespace}/endpointslices`,
    );
    return (items as readonly { endpoints: readonly { targetRef: { name: string } }[] | null }[])
      .flatMap(({ endpoints }) => (endpoints ?? []).map(({ targetRef }) => targetRef.name))
      .sort();
  }

  async until(what: string, holds: () => Promise<boolean>, limitMs = waitLimitMs): Promise<void> {
    let last: unknown = null;
    for (const giveUpAtMs = performance.now() + limitMs; performance.now() < giveUpAtMs; await delay(200)) {
      try {
        if (await holds()) return;
        last = null;
      } catch (thrown) {
        last = thrown;
      }
    }
    const log = readFileSync(path.join(this.folder, 'control-plane.log'), 'utf8').slice(-3_000);
    throw new Error(`it did not come about that ${what}: ${String(last)}\n${log}`);
  }

  async close(): Promise<void> {
    for (const child of [this.#controlPlane, this.#gateway]) {
      if (child === null || child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
    await callApi(this.place, 'DELETE', `/api/v1/namespaces/${this.namespace}`);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #start(name: string, args: readonly string[]): ChildProcess {
    const [file = '', ...words] = ownWords;
    const child = spawn(file, [...words, ...args], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, KUBECONFIG: fileOf.kubeconfig(this.place, this.namespace) },
    });
    const log = createWriteStream(path.join(this.folder, `${name}.log`), { flags: 'a' });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    return child;
  }

  async #ask(method: string, at: string, body?: object): Promise<{ readonly status: number; readonly body: unknown }> {
    const token = readFileSync(startTokenFile(this.folder), 'utf8').trim();
    const response = await fetch(`http://127.0.0.1:${this.#port}${at}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(20_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }
}

/** As `plimsoll pin` writes them of an image without anything that bears on hardware. */
function factsOf(image: string): ImageFacts {
  const digest = image.split('@')[1] ?? '';
  if (!isDigest(digest)) throw new Error(`${image} is not named by its digest`);
  const platform = { os: 'linux', architecture: 'amd64' };
  const nothing = { cuda: null, components: {}, python: [], compat: null, libraries: [], cpuLevel: null, unknown: {} };
  return { digest, platform, env: {}, labels: {}, ...nothing };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- an object of the API, read by tests alone
function factsOfPod({ metadata, spec, status }: any): PodFacts {
  const conditions = (status.conditions ?? []) as readonly { type: string; status: string; message?: string }[];
  const admitted = conditions.find(({ type }) => type === 'plimsoll.dev/admitted');
  return {
    name: metadata.name,
    uid: metadata.uid,
    node: spec.nodeName ?? '',
    set: metadata.labels['plimsoll.dev/set'],
    containerId: status.containerStatuses?.[0]?.containerID ?? '',
    admitted: admitted === undefined ? null : { status: admitted.status, message: admitted.message ?? '' },
    isReady: conditions.some((each) => each.type === 'Ready' && each.status === 'True'),
  };
}
