import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { inferBody, rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { UserProject, type Ran } from '../../user-project.ts';
import { callApi, demandApi } from '../cluster/api.ts';
import { fileOf, realNode, realNodeLabel, type ClusterPlace } from '../cluster/place.ts';
import { processesOf, until } from './installation-world.ts';
import { grantNodes } from '../platform/platform-world.ts';
import { makeAccountToken } from './installed-access.ts';

/** What the test of an installation has set up. */
export interface Installed {
  readonly cluster: ClusterPlace;
  readonly namespace: string;
  /** The built program of this machine. */
  readonly program: string;
  readonly controlPlane: string;
  readonly gateways: string;
  /** Of an operator. */
  readonly token: string;
  /** Variables of a command that reaches the control plane. */
  readonly env: Readonly<Record<string, string>>;
  /** Asks the control plane by a path. */
  ask(at: string): Promise<{ json(): Promise<unknown> }>;
}

interface ReplicaPod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly nodeSelector?: unknown };
  readonly status: {
    readonly conditions: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses: readonly [{ readonly containerID: string }];
    readonly initContainerStatuses: readonly [
      { readonly state: { readonly terminated?: { readonly exitCode: number } } },
    ];
  };
}

const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
hardware: { accelerator: cpu }
monitoring: { golden: tiny-golden }
scaling: { signal: queue-depth, replicas: { min: 1, max: 1 }, actuator: none }
rollout: { keepPrevious: 1h }
environments:
  prod: { platform: kubernetes, pool: nodes, selector: { plimsoll.test/real: "true" } }
`;
const row = rowOf(1);

/** Releases from a project of this machine, whose models only this machine has, by a token alone. */
export function itReleases(installed: () => Installed): void {
  let project: UserProject;
  let load: Load | null = null;
  let granted: readonly string[] = [];
  beforeAll(() => {
    const { cluster, program, token, controlPlane, env } = installed();
    project = new UserProject({
      command: [process.execPath, program],
      files: { 'plimsoll.yaml': contract, 'golden.jsonl': `${JSON.stringify({ x: row })}\n` },
      env: { PLIMSOLL_TOKEN: token, ...env, KUBECONFIG: fileOf.kubeconfig(cluster, 'admin') },
    });
    server = ['--server', controlPlane];
  });
  afterAll(async () => {
    await load?.end();
    for (const at of granted) await callApi(installed().cluster, 'DELETE', at);
    project.remove();
  });

  let server: readonly string[] = [];
  const prove = async (factor: number): Promise<void> => {
    project.write('model.onnx', tinyModel(factor).bytes);
    await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
    await project.passing('pin');
    await project.passing('golden', 'record');
  };
  const release = (...more: readonly string[]): Promise<Ran> => project.plimsoll('release', ...server, ...more);
  const view = async (): Promise<ServiceView> => {
    const answer = await installed().ask('/v1/view?service=tiny&environment=prod');
    return (await answer.json()) as ServiceView;
  };
  const pods = async (): Promise<readonly ReplicaPod[]> => {
    const { cluster, namespace } = installed();
    const at = `/api/v1/namespaces/${namespace}/pods?labelSelector=plimsoll.dev/service=tiny`;
    return (await demandApi(cluster, 'GET', at)).items as readonly ReplicaPod[];
  };
  const uids = async (): Promise<readonly string[]> => (await pods()).map(({ metadata }) => metadata.uid).sort();
  const untilAnsweredBy = (factor: number): Promise<void> => {
    const before = load?.answersOf(factor) ?? 0;
    return until(`model ${factor} answers`, () => Promise.resolve((load?.answersOf(factor) ?? 0) >= before + 20));
  };

  it('refuses a release whose evidence it cannot tell, says which right is missing, and makes no pod', async () => {
    const { cluster } = installed();
    await labelNodes(cluster, { 'feature.node.kubernetes.io/cpu-model.id': '9999' });
    await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
    await project.passing('pool', 'snapshot', 'nodes', 'cluster');
    await prove(1);
    await project.passing('verify');
    const refused = await release();
    expect([refused.status, refused.stdout]).toEqual([3, expect.stringContaining('golden evidence is unknown')]);
    expect(refused.stdout).toContain('may not list nodes (403)');
    expect(refused.stdout).toContain('nodes-cluster-role.yaml');
    expect(await pods()).toEqual([]);
  });

  it('refuses evidence of another CPU than the nodes have, once it may read them', async () => {
    const { cluster, namespace } = installed();
    await labelNodes(cluster);
    granted = await grantNodes(cluster, namespace, 'plimsoll-control-plane');
    let refused = await release();
    await until('the right is there', async () => {
      if (refused.stdout.includes('may not list nodes')) refused = await release();
      return !refused.stdout.includes('may not list nodes');
    });
    expect([refused.status, refused.stdout]).toEqual([
      3,
      expect.stringContaining('golden evidence is stale: device-classes moved'),
    ]);
    expect(await pods()).toEqual([]);
  });

  it('brings in a release of a service account from outside: its model reaches a pod, which answers once it is admitted', async () => {
    const { cluster, namespace } = installed();
    await project.passing('pool', 'snapshot', 'nodes', 'cluster');
    for (const words of [['pin'], ['golden', 'record'], ['verify']]) await project.passing(...words);
    const token = await makeAccountToken(cluster, namespace, 'deployer', 'plimsoll');
    const released = await project.with({ PLIMSOLL_TOKEN: token }).plimsoll('release', ...server);
    expect([released.status, released.stdout]).toEqual([0, expect.stringContaining('release 1 is live')]);
    const { evidence, replicas } = await view();
    expect(evidence.filter(({ freshness }) => freshness !== 'not-asked')).toMatchObject([
      { kind: 'hardware', freshness: 'fresh', verdict: 'pass' },
      { kind: 'golden', freshness: 'fresh', verdict: 'pass' },
    ]);
    expect(replicas[0]?.devices).toEqual({ toldBy: 'request', devices: [], unknown: null });
    await until('the gate of its one pod is open, for the container that was admitted', async () => {
      const [pod, ...others] = await pods();
      const gate = pod?.status.conditions.find(({ type }) => type === 'plimsoll.dev/admitted');
      const isOpen = gate?.status === 'True' && gate.message === pod?.status.containerStatuses[0].containerID;
      return others.length === 0 && isOpen;
    });
    const [pod] = await pods();
    expect(pod?.spec.nodeSelector).toEqual(realNodeLabel);
    expect(pod?.status.initContainerStatuses[0].state.terminated?.exitCode).toBe(0);
    expect(processesOf(/\/plimsoll serve-model/)).toEqual([{ uid: 65_532, capabilities: 0n, rootIsReadOnly: true }]);
    load = new Load(installed().gateways, [1]);
    await untilAnsweredBy(1);
    expect(await load.end()).toEqual([]);
  });

  it('goes to a second model and back without a failed request, and the way back makes no pod', async () => {
    const before = await uids();
    load = new Load(installed().gateways, [1, 2]);
    await untilAnsweredBy(1);
    await prove(2);
    await project.passing('verify');
    const released = await release();
    expect([released.status, released.stdout]).toEqual([0, expect.stringContaining('release 2 is live')]);
    await untilAnsweredBy(2);
    const both = await uids();
    expect(both).toHaveLength(2);
    expect(both).toEqual(expect.arrayContaining([...before]));
    await project.passing('rollback', '--model', '--reason', 'a test', '-n', installed().namespace);
    await untilAnsweredBy(1);
    expect(await load.end()).toEqual([]);
    expect(await uids()).toEqual(both);
    expect((await view()).deployment).toMatchObject({ phase: 'live', live: 3 });
  });

  it('sends requests to as many as somebody else sets for the live release, which is the actuator', async () => {
    const { cluster, namespace } = installed();
    const { replicas } = await view();
    const set = replicas.find(({ modelVersion }) => modelVersion === 1)?.set;
    const at = `/apis/apps/v1/namespaces/${namespace}/deployments/${set}`;
    const isCounted = async (count: number): Promise<boolean> => {
      const { replicas: now } = await view();
      const own = now.filter((replica) => replica.set === set && replica.admitted);
      return own.length === count && (await demandApi(cluster, 'GET', at)).spec.replicas === count;
    };
    for (const count of [2, 1]) {
      const patch = 'application/merge-patch+json';
      await demandApi(cluster, 'PATCH', `${at}/scale`, { spec: { replicas: count } }, patch);
      await until(`${count} are admitted`, () => isCounted(count));
    }
  });

  it('answers on when its control plane is killed, and the next one goes on with the pods that run', async () => {
    const { cluster, namespace } = installed();
    const before = await uids();
    load = new Load(installed().gateways, [1]);
    await untilAnsweredBy(1);
    const at = `/api/v1/namespaces/${namespace}/pods/plimsoll-control-plane-0`;
    const { metadata } = await demandApi(cluster, 'GET', at);
    await demandApi(cluster, 'DELETE', `${at}?gracePeriodSeconds=0`);
    await until('another control plane sees both replicas admitted', async () => {
      const now = await demandApi(cluster, 'GET', at);
      const conditions = now.status.conditions as ReplicaPod['status']['conditions'];
      // The killed one may answer for a moment after its pod is gone.
      const isReady = conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
      if (now.metadata.uid === metadata.uid || !isReady) return false;
      return (await view()).replicas.filter(({ admitted }) => admitted).length === 2;
    });
    await untilAnsweredBy(1);
    expect(await load.end()).toEqual([]);
    expect(await uids()).toEqual(before);
  });
}

/** As node-feature-discovery labels the node, which is this machine. */
async function labelNodes(cluster: ClusterPlace, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const told = (key: string): string =>
    new RegExp(`^${key}\\s*:\\s*(.+)$`, 'm').exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.trim() ?? '';
  const labels = {
    'feature.node.kubernetes.io/cpu-model.vendor_id': told('vendor_id').replace(/^Genuine|^Authentic/, ''),
    'feature.node.kubernetes.io/cpu-model.family': told('cpu family'),
    'feature.node.kubernetes.io/cpu-model.id': told('model'),
    ...more,
  };
  const body = { metadata: { labels } };
  await demandApi(cluster, 'PATCH', `/api/v1/nodes/${realNode}`, body, 'application/merge-patch+json');
}

/** A client that asks one request after the other, and compares each answer with those of the models that may answer. */
export class Load {
  readonly #url: string;
  readonly #agent: Agent;
  readonly #answers: ReadonlyMap<string, number>;
  readonly #failures: string[] = [];
  readonly #counts = new Map<number, number>();
  readonly #ending = new AbortController();
  readonly #done: Promise<void>;
  #closed: Promise<void> | null = null;

  /** @param keepsConnections else each request makes a connection of its own, as those of many clients do. */
  constructor(gateways: string, factors: readonly number[], keepsConnections = true) {
    this.#agent = new Agent(keepsConnections ? {} : { pipelining: 0 });
    this.#url = `${gateways}/services/tiny/v2/models/tiny/infer`;
    this.#answers = new Map(factors.map((factor) => [JSON.stringify(tinyModel(factor).answer(row)), factor]));
    this.#done = this.#run();
  }

  answersOf(factor: number): number {
    return this.#counts.get(factor) ?? 0;
  }

  get failures(): readonly string[] {
    return this.#failures;
  }

  /** @returns what failed. */
  async end(): Promise<readonly string[]> {
    this.#ending.abort();
    await (this.#closed ??= this.#done.then(() => this.#agent.close()));
    return this.#failures;
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await this.#ask().catch((thrown: unknown) => void this.#failures.push(String(thrown)));
      await delay(20);
    }
  }

  async #ask(): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(this.#url, { method: 'POST', headers, body: inferBody(row), dispatcher: this.#agent });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${answer.status} ${text.slice(0, 300)}`);
    const data = JSON.stringify((JSON.parse(text) as { outputs: { data: number[] }[] }).outputs[0]?.data);
    const factor = this.#answers.get(data);
    if (factor === undefined) throw new Error(`the answer is ${data}`);
    this.#counts.set(factor, this.answersOf(factor) + 1);
  }
}
