import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startTokenFile } from '../../src/adapters/http-control/run-files.ts';
import { controlPlaneAllocator, controlPlaneNodeFlags } from '../../src/control-plane/node-flags.ts';
import { gatewayNodeFlags } from '../../src/gateway/node-flags.ts';
import type { StoredEvent } from '../../src/core/records/event.ts';
import { isRouted } from '../../src/prove/drill/await-release.ts';
import type { ReleaseAnswer } from '../../src/schemas/http/operations.ts';
import type { ServiceView } from '../../src/schemas/view/view.ts';
import { ownWords } from '../../src/testing/rigs/own-program.ts';
import { callApi, demandApi } from './cluster/api.ts';
import { findImage, putProgramImage } from './cluster/image.ts';
import { fileOf, type ClusterPlace } from './cluster/place.ts';
import { makeNamespace } from './platform/platform-world.ts';
import { environment, makeProductRelease } from './product-release.ts';

const program = path.join(import.meta.dirname, 'programs/multiplying-server.ts');
/** Of the replicas. */
export const multiplyingServer = program;
export const service = 'product';
export { environment };
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

  /** @param image of the replicas; one of the multiplying server unless given. */
  static async open(place: ClusterPlace, port: number, image?: string): Promise<ServingWorld> {
    image ??= findImage(place, 'multiplying') ?? (await putProgramImage(place, 'multiplying', program));
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

  get controlPlanePid(): number {
    return this.#controlPlane?.pid ?? NaN;
  }

  /** With the rights of the Role, and nothing else. */
  async startControlPlane(): Promise<void> {
    const words = ['control-plane', '--platform', 'kubernetes', '-n', this.namespace, '--state', this.folder];
    this.#controlPlane = this.#start('control-plane', [...words, '--listen', `127.0.0.1:${this.#port}`]);
    await this.until('the control plane answers', async () => (await this.ask('GET', '/v1/health')).status < 600);
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
    const request = await makeProductRelease(this.folder, { image: this.#image, service, version, replicas, rollout });
    const { status, body } = await this.ask('POST', '/v1/releases', request);
    if (status > 299) throw new Error(`the release was answered ${status}: ${JSON.stringify(body)}`);
    const number = (body as ReleaseAnswer).release?.number;
    await this.untilLive(number ?? NaN);
  }

  async rollback(): Promise<void> {
    const request = { service, environment, axis: 'model', reason: 'a test' };
    const { status, body } = await this.ask('POST', '/v1/rollbacks', request);
    if (status > 299) throw new Error(`the rollback was answered ${status}: ${JSON.stringify(body)}`);
  }

  async untilLive(number: number): Promise<void> {
    await this.until(`release ${number} is live`, async () => {
      const view = await this.view();
      const { deployment } = view;
      if (deployment?.phase === 'failed') throw new Error(`the release failed: ${deployment.reason}`);
      return deployment?.phase === 'live' && deployment.live === number && isRouted(view);
    });
  }

  async view(): Promise<ServiceView> {
    return (await this.ask('GET', `/v1/view?service=${service}&environment=${environment}`)).body as ServiceView;
  }

  async events(prefix: string): Promise<readonly StoredEvent[]> {
    const { body } = await this.ask('GET', `/v1/events?service=${service}&environment=${environment}&limit=1000`);
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

  /** As in the image. */
  #start(name: 'gateway' | 'control-plane', args: readonly string[]): ChildProcess {
    const [file = '', ...words] = ownWords;
    const flags = name === 'gateway' ? gatewayNodeFlags : controlPlaneNodeFlags;
    const child = spawn(file, [...flags, ...words, ...args], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...(name === 'gateway' ? {} : controlPlaneAllocator),
        KUBECONFIG: fileOf.kubeconfig(this.place, this.namespace),
      },
    });
    const log = createWriteStream(path.join(this.folder, `${name}.log`), { flags: 'a' });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    return child;
  }

  /** With the token of its start. */
  async ask(method: string, at: string, body?: object): Promise<{ readonly status: number; readonly body: unknown }> {
    const token = readFileSync(startTokenFile(this.folder), 'utf8').trim();
    const response = await fetch(`http://127.0.0.1:${this.#port}${at}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(60_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }
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
