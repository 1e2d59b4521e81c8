import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeApiClient } from '../../src/adapters/kubernetes/api/api-client.ts';
import { loadKubeconfig } from '../../src/adapters/kubernetes/kubeconfig.ts';
import { textOf, objectAt } from '../../src/protocols/kubernetes-objects/json-object.ts';
import { callApi, demandApi } from '../../test/kubernetes/cluster/api.ts';
import { startControllers } from '../../test/kubernetes/cluster/control-plane.ts';
import { playedPods, startFakeNodes } from '../../test/kubernetes/cluster/kwok.ts';
import { fileOf, realNode, type ClusterPlace } from '../../test/kubernetes/cluster/place.ts';
import { stopProgram } from '../../test/kubernetes/cluster/program.ts';
import { makeProductRelease } from '../../test/kubernetes/product-release.ts';
import { ServingWorld } from '../../test/kubernetes/serving-world.ts';
import { quantile } from '../gateway/open-loop.ts';
import { processorMs } from '../gateway/processor-time.ts';
import { startPrinting } from '../gateway/program.ts';

export interface FleetSize {
  readonly services: number;
  readonly replicas: number;
  readonly nodes: number;
}

/** What a fleet of pods that nobody runs costs its control plane and the API server. */
export interface FleetCost extends FleetSize {
  readonly bringUpSeconds: number;
  /** Of the control plane to the API server while nothing happens. */
  readonly requestsPerSecond: number;
  /** Until nothing happened any more. */
  readonly bringUpRequests: number;
  /** Share of one core, while nothing happens. */
  readonly processorShare: number;
  /** The largest that was seen once the fleet was up. */
  readonly residentBytes: number;
  /** From the answer to a release that changes the number of replicas until the API server has the number. */
  readonly decisionMs: {
    readonly count: number;
    readonly p50: number;
    readonly p99: number;
    readonly most: number;
    /** In their order. */
    readonly each: readonly number[];
  };
}

const image = `registry.example/played@sha256:${'a'.repeat(64)}`;
const port = 17_640;
const batch = 20;
const quietMs = 60_000;
const betweenDecisionsMs = 400;
/** Kwok is late with the heartbeats of so many nodes. */
const graceSeconds = 600;
const bringUpLimitMs = 900_000;

export async function measureFleet(
  place: ClusterPlace,
  size: FleetSize,
  say: (line: string) => void,
): Promise<FleetCost> {
  // All of these addresses are this machine, so that one server answers for every replica.
  spawnSync('ip', ['route', 'add', 'local', playedPods, 'dev', 'lo']);
  const replica = await startPrinting([path.join(import.meta.dirname, 'played-replica.ts'), '8080']);
  await stopProgram(place, 'kube-controller-manager');
  startControllers(place, graceSeconds);
  await startFakeNodes(place, size.nodes, { taints: [] });
  await demandApi(
    place,
    'PATCH',
    `/api/v1/nodes/${realNode}`,
    { spec: { unschedulable: true } },
    'application/merge-patch+json',
  );
  say(`${size.nodes} nodes`);
  const world = await ServingWorld.open(place, port, image);
  try {
    return await measure(place, world, size, say);
  } finally {
    await world.close();
    await replica.stop();
  }
}

async function measure(
  place: ClusterPlace,
  world: ServingWorld,
  { services, replicas, nodes }: FleetSize,
  say: (line: string) => void,
): Promise<FleetCost> {
  const names = Array.from({ length: services }, (_, at) => `service-${String(at).padStart(4, '0')}`);
  const release = async (service: string, count: number): Promise<void> => {
    const request = await makeProductRelease(world.folder, { image, service, version: 1, replicas: count });
    const { status, body } = await world.ask('POST', '/v1/releases', request);
    if (status > 299) throw new Error(`the release of ${service} was answered ${status}: ${JSON.stringify(body)}`);
  };
  const beganMs = performance.now();
  await countRequests(place, world.namespace);
  for (const [at, name] of names.entries()) {
    await release(name, replicas);
    // A control plane of so many services was not asked for all of them in one minute.
    if (at % batch === batch - 1 || at === services - 1) await untilAdmitted(place, world, (at + 1) * replicas, say);
  }
  const bringUpSeconds = (performance.now() - beganMs) / 1000;
  say(`all replicas are admitted after ${bringUpSeconds.toFixed(0)} s`);
  await delay(30_000);

  const quiet = {
    requests: await readRequests(place),
    cpuMs: processorMs(world.controlPlanePid),
    atMs: performance.now(),
  };
  let residentBytes = 0;
  for (const endMs = performance.now() + quietMs; performance.now() < endMs; await delay(2_000)) {
    residentBytes = Math.max(residentBytes, readResidentBytes(world.controlPlanePid));
  }
  const after = await readRequests(place);
  const lastedMs = performance.now() - quiet.atMs;
  const processorShare = (processorMs(world.controlPlanePid) - quiet.cpuMs) / lastedMs;
  say('measured while nothing happens');
  const decisions = await measureDecisions(world, names, (service) => release(service, replicas + 1));
  residentBytes = Math.max(residentBytes, readResidentBytes(world.controlPlanePid));
  return {
    ...{ services, replicas, nodes, bringUpSeconds, processorShare, residentBytes },
    requestsPerSecond: ((after - quiet.requests) / lastedMs) * 1000,
    bringUpRequests: quiet.requests,
    decisionMs: {
      count: decisions.length,
      p50: quantile(decisions, 0.5),
      p99: quantile(decisions, 0.99),
      most: Math.max(...decisions),
      each: decisions.map(Math.round),
    },
  };
}

async function untilAdmitted(
  place: ClusterPlace,
  world: ServingWorld,
  count: number,
  say: (line: string) => void,
): Promise<void> {
  let seen = -1;
  for (const giveUpAtMs = performance.now() + bringUpLimitMs; performance.now() < giveUpAtMs; await delay(1_000)) {
    const { items } = await demandApi(
      place,
      'GET',
      `/apis/discovery.k8s.io/v1/namespaces/${world.namespace}/endpointslices`,
    );
    const slices = items as readonly { readonly endpoints: readonly unknown[] | null }[];
    const now = slices.reduce((sum, { endpoints }) => sum + (endpoints?.length ?? 0), 0);
    seen = now;
    if (now === count) return say(`${count} replicas are admitted`);
  }
  throw new Error(`${seen} of ${count} replicas are admitted after ${bringUpLimitMs / 1000} s`);
}

const schema = 'plimsoll-bench';

/** The API server counts the requests that a flow schema classifies: one of the control plane's own, at the level it has anyway. */
async function countRequests(place: ClusterPlace, namespace: string): Promise<void> {
  const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true };
  await demandApi(place, 'POST', '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas', {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    metadata: { name: schema },
    spec: {
      priorityLevelConfiguration: { name: 'workload-low' },
      matchingPrecedence: 500,
      rules: [
        {
          subjects: [{ kind: 'ServiceAccount', serviceAccount: { name: 'plimsoll', namespace } }],
          resourceRules: [everything],
          nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
        },
      ],
    },
  });
}

async function readRequests(place: ClusterPlace): Promise<number> {
  const { body } = await callApi(place, 'GET', '/metrics');
  const lines = String(body).matchAll(/^apiserver_flowcontrol_dispatched_requests_total\{([^}]*)\} (\S+)$/gm);
  return [...lines]
    .filter(([, labels]) => labels?.includes(`flow_schema="${schema}"`))
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}

const readResidentBytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

/** One decision after the other, of another service each. */
async function measureDecisions(
  world: ServingWorld,
  services: readonly string[],
  decide: (service: string) => Promise<void>,
): Promise<readonly number[]> {
  const changedMs = new Map<string, number>();
  const stop = new AbortController();
  const client = makeApiClient(loadKubeconfig({ env: { KUBECONFIG: fileOf.kubeconfig(world.place, 'admin') } }));
  const at = `/apis/apps/v1/namespaces/${world.namespace}/deployments`;
  const { body } = await client.call({ method: 'GET', path: at, signal: stop.signal });
  const had = new Map<string, unknown>();
  const serviceOf = (object: Parameters<typeof objectAt>[0]): string =>
    textOf(objectAt(object, 'metadata', 'labels')['plimsoll.dev/service']) ?? '';
  for (const item of body['items'] as readonly Parameters<typeof objectAt>[0][])
    had.set(serviceOf(item), objectAt(item, 'spec')['replicas']);
  const query = { watch: 'true', resourceVersion: textOf(objectAt(body, 'metadata')['resourceVersion']) ?? '' };
  const watching = (async () => {
    for await (const line of client.lines({ path: at, query, signal: stop.signal }, () => undefined)) {
      const object = objectAt(line, 'object');
      const service = serviceOf(object);
      if (objectAt(object, 'spec')['replicas'] !== had.get(service) && !changedMs.has(service))
        changedMs.set(service, performance.now());
    }
  })().catch((thrown: unknown) => {
    if (!stop.signal.aborted) throw thrown;
  });
  const decidedMs = new Map<string, number>();
  for (const service of services) {
    await decide(service);
    decidedMs.set(service, performance.now());
    await delay(betweenDecisionsMs);
  }
  for (const endMs = performance.now() + 60_000; performance.now() < endMs && changedMs.size < services.length;)
    await delay(500);
  stop.abort(new Error('all decisions were seen'));
  await watching;
  return services.map((service) => Math.max(0, (changedMs.get(service) ?? Infinity) - (decidedMs.get(service) ?? 0)));
}
