import { afterAll, afterEach, expect, it } from 'vitest';
import { setTimeout as delay } from 'node:timers/promises';
import { systemRandom } from '../../src/adapters/system/random.ts';
import type { MigBoard } from '../../src/core/hardware/tables/mig-profiles.ts';
import { makeResourceClaimTemplates } from '../../src/protocols/device-plans/claim-templates.ts';
import { nameClaimTemplate } from '../../src/protocols/device-plans/device-names.ts';
import { makeDevicePluginResources } from '../../src/protocols/device-plans/device-plugin-resources.ts';
import { listClaims, type PlannedClaim } from '../../src/protocols/device-plans/list-claims.ts';
import { makeMigPartedConfig } from '../../src/protocols/device-plans/mig-parted-config.ts';
import type { PlacedPlan } from '../../src/protocols/device-plans/place-plan.ts';
import { readAllocation } from '../../src/protocols/kubernetes-objects/pods/resource-claim.ts';
import { makeMigResourceSlices, type MigResourceSlice } from '../../src/testing/builders/pools/mig-resource-slices.ts';
import { buildPlanNode, buildSlicePlan, findBoard, placeOn } from '../../src/testing/builders/packing/slice-plans.ts';
import { allocateFirstFit } from '../../src/testing/oracles/first-fit-claims.ts';
import type { YamlValue } from '../../src/protocols/yaml-text/yaml.ts';
import { callApi, demandApi } from './cluster/api.ts';
import { startFakeNodes, type FakeNodeOptions } from './cluster/kwok.ts';
import type { ClusterPlace } from './cluster/place.ts';
import { stopProgram } from './cluster/program.ts';
import { describeInCluster } from './in-cluster.ts';

const resource = '/apis/resource.k8s.io/v1';
const driver = 'gpu.nvidia.com';

describeInCluster('claims and pods of a plan of slices', (place) => {
  const namespace = `t-${systemRandom.hex(4)}`;
  const core = `/api/v1/namespaces/${namespace}`;
  const own = `${resource}/namespaces/${namespace}`;
  let removals: readonly string[] = [];
  afterEach(async () => {
    await callApi(place, 'DELETE', `${core}/pods?gracePeriodSeconds=0`);
    await callApi(place, 'DELETE', `${own}/resourceclaimtemplates`);
    await until(async () => {
      const { body } = await callApi(place, 'GET', `${own}/resourceclaims`);
      return (body.items as readonly unknown[]).length === 0 ? true : null;
    }, 'claims of pods that are gone are still there');
    for (const path of removals) await callApi(place, 'DELETE', path);
    removals = [];
    await stopProgram(place, 'kwok');
  });
  afterAll(async () => {
    await callApi(place, 'DELETE', `/api/v1/namespaces/${namespace}`);
  });

  it('are all allocated by the scheduler, on devices that do not overlap, and one more stays pending', async () => {
    const plan = placeOn(
      buildSlicePlan(
        'whole:7g.80gb@0',
        'large:4g.40gb@0 rank:2g.20gb@4 embed:1g.10gb@6',
        'chat:3g.40gb@0 chat:3g.40gb@4',
        'embed:1g.10gb@0 embed:1g.10gb@1 embed:1g.10gb+me@2 embed:1g.10gb@3 chat:3g.40gb@4',
      ),
      findBoard('A100-80'),
      // The devices of three GPUs are in two slices.
      buildPlanNode('fake0', [0, 1, 2]),
      buildPlanNode('fake1', [0]),
    );
    const slices = await prepare(plan);
    const claims = listClaims(plan);
    expect(claims).toHaveLength(11);
    const devices: string[] = [];
    for (const [at, claim] of claims.entries()) devices.push(await demandDevice(`p-${at}`, claim));
    expect(devices).toEqual(
      ['fake0', 'fake1'].flatMap((node) =>
        allocateFirstFit(
          slices.filter(({ spec }) => spec.nodeName === node),
          claims.filter((claim) => claim.node === node).map(({ profile }) => profile),
        ).map((device) => `${node}/${String(device)}`),
      ),
    );
    expect(findOverlaps(devices, slices)).toEqual([]);
    for (const [at, claim] of claims
      .filter(({ profile }) => profile === '1g.10gb')
      .slice(0, 1)
      .entries()) {
      expect(await askOneMore(`more-${at}`, claim)).toMatch(/cannot allocate all claims/);
    }
  });

  it('are not all allocated where the largest instance comes first, beside four of the smallest', async () => {
    const plan = placeOn(
      buildSlicePlan('embed:1g.10gb@0 embed:1g.10gb@1 embed:1g.10gb@2 embed:1g.10gb@3 chat:3g.40gb@4'),
      findBoard('A100-80'),
      buildPlanNode('fake0', [0]),
    );
    await prepare(plan);
    const reversed = [...listClaims(plan)].reverse();
    const devices: string[] = [];
    for (const [at, claim] of reversed.slice(0, 4).entries()) devices.push(await demandDevice(`q-${at}`, claim));
    expect(devices).toEqual(
      ['3g40gb-0-4', '1g10gb-4-1', '1g10gb-5-1', '1g10gb-6-1'].map((each) => `fake0/gpu-0-mig-${each}`),
    );
    const [fourth] = reversed.slice(4);
    expect(fourth === undefined ? '' : await askOneMore('q-4', fourth)).toMatch(/cannot allocate all claims/);
  });

  it('are pods with limits and affinity for the device plugin, which fill the nodes that are divided', async () => {
    const plan = placeOn(
      buildSlicePlan('embed:1g.10gb@0 embed:1g.10gb@1 chat:3g.40gb@4'),
      findBoard('A100-80'),
      buildPlanNode('fake0', [0]),
    );
    const labels = { ...makeMigPartedConfig(plan).labels['fake0'], 'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB' };
    const capacity = { 'nvidia.com/mig-1g.10gb': '2', 'nvidia.com/mig-3g.40gb': '1' };
    await prepare(plan, { labels, capacity });
    const shares = makeDevicePluginResources(plan);
    const names = shares.flatMap(({ service, replicas }) =>
      Array.from({ length: replicas }, (_, at) => `${service}-${at}`),
    );
    expect(names).toEqual(['chat-0', 'embed-0', 'embed-1']);
    const put = async (name: string): Promise<void> => {
      const share = shares.find(({ service }) => name.startsWith(service));
      await demandApi(place, 'POST', `${core}/pods`, makePluginPod(name, share?.podSpec ?? {}));
    };
    await put('chat-0');
    expect(await untilScheduled('chat-0', false)).toMatch(/didn't match Pod's node affinity/);
    const state = { metadata: { labels: { 'nvidia.com/mig.config.state': 'success' } } };
    await demandApi(place, 'PATCH', '/api/v1/nodes/fake0', state, 'application/merge-patch+json');
    for (const name of names.slice(1)) await put(name);
    for (const name of names) expect(await untilScheduled(name, true)).toBe('fake0');
    await put('embed-2');
    expect(await untilScheduled('embed-2', false)).toMatch(/Insufficient nvidia\.com\/mig-1g\.10gb/);
  });

  /** The node of a pod, or why the scheduler found none. */
  async function untilScheduled(name: string, wanted: boolean): Promise<string> {
    return until(async () => {
      const { body } = await callApi(place, 'GET', `${core}/pods/${name}`);
      const conditions = (body.status?.conditions ?? []) as readonly Record<'type' | 'status' | 'message', string>[];
      const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
      if (scheduled === undefined || (scheduled.status === 'True') !== wanted) return null;
      return wanted ? String(body.spec.nodeName) : scheduled.message;
    }, `the scheduler did not decide about ${name} as expected`);
  }

  /** Nodes, their ResourceSlices, the classes, and the templates of the plan. */
  async function prepare(plan: PlacedPlan, more: FakeNodeOptions = {}): Promise<readonly MigResourceSlice[]> {
    const { board } = plan;
    await startFakeNodes(place, plan.nodes.length, more);
    await callApi(place, 'POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace },
    });
    const slices = plan.nodes.flatMap((node) => makeSlicesOf(node, board));
    removals = [
      ...plan.nodes.map(({ name }) => `/api/v1/nodes/${name}`),
      ...slices.map(({ metadata }) => `${resource}/resourceslices/${metadata.name}`),
      ...['gpu', 'mig'].map((type) => `${resource}/deviceclasses/${type}.nvidia.com`),
    ];
    for (const slice of slices) await demandApi(place, 'POST', `${resource}/resourceslices`, slice);
    for (const type of ['gpu', 'mig']) await demandApi(place, 'POST', `${resource}/deviceclasses`, makeClass(type));
    for (const { template } of makeResourceClaimTemplates(plan)) {
      await demandApi(place, 'POST', `${own}/resourceclaimtemplates`, template);
    }
    await waitForAccount(place, core);
    return slices;
  }

  /** The device that the scheduler gives a pod with the claim, as `NODE/DEVICE`. */
  async function demandDevice(name: string, claim: PlannedClaim): Promise<string> {
    await demandApi(place, 'POST', `${core}/pods`, makePod(name, claim));
    return until(async () => {
      const { body } = await callApi(place, 'GET', `${core}/pods/${name}`);
      const [status] = (body.status?.resourceClaimStatuses ?? []) as readonly { resourceClaimName?: string }[];
      if (status?.resourceClaimName === undefined || body.spec?.nodeName === undefined) return null;
      const path = `${own}/resourceclaims/${status.resourceClaimName}`;
      const [device] = readAllocation((await demandApi(place, 'GET', path)) as Record<string, unknown>) ?? [];
      return device === undefined ? null : `${device.pool}/${device.device}`;
    }, `${name} has no device for ${claim.profile}`);
  }

  /** Why the scheduler gives a pod with the claim no device. */
  async function askOneMore(name: string, claim: PlannedClaim): Promise<string> {
    await demandApi(place, 'POST', `${core}/pods`, makePod(name, claim));
    return until(async () => {
      const { body } = await callApi(place, 'GET', `${core}/pods/${name}`);
      const conditions = (body.status?.conditions ?? []) as readonly Record<'type' | 'status' | 'message', string>[];
      const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
      if (scheduled?.status === 'True') throw new Error(`${name} was scheduled to ${String(body.spec.nodeName)}`);
      return scheduled?.message.includes('allocate') === true ? scheduled.message : null;
    }, `the scheduler says nothing about ${name}`);
  }
});

const makeSlicesOf = ({ name, product, gpus }: PlacedPlan['nodes'][number], board: MigBoard) =>
  makeMigResourceSlices({ name, product, board, gpus: gpus.map(({ index }) => index) });

const tolerations = [{ key: 'kwok.x-k8s.io/node', operator: 'Exists' }];

const makeClass = (type: string): object => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'DeviceClass',
  metadata: { name: `${type}.nvidia.com` },
  spec: {
    selectors: [
      { cel: { expression: `device.driver == '${driver}' && device.attributes['${driver}'].type == '${type}'` } },
    ],
  },
});

function makePod(name: string, { node, service, profile }: PlannedClaim): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': node },
      tolerations,
      resourceClaims: [{ name: 'mig', resourceClaimTemplateName: nameClaimTemplate(service, profile) }],
      containers: [{ name: service, image: 'none', resources: { claims: [{ name: 'mig' }] } }],
    },
  };
}

/** The image is nowhere, and played nodes start nothing. */
function makePluginPod(name: string, podSpec: { readonly [key: string]: YamlValue }): object {
  const containers = podSpec['containers'];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      ...podSpec,
      tolerations,
      containers: Array.isArray(containers) ? containers.map((each: object) => ({ ...each, image: 'none' })) : [],
    },
  };
}

/** Counters that devices take more often than their GPU has them. */
function findOverlaps(devices: readonly string[], slices: readonly MigResourceSlice[]): readonly string[] {
  const taken = devices.flatMap((device) =>
    slices
      .flatMap(({ spec }) => (spec.devices ?? []).map((each) => ({ ...each, path: `${spec.nodeName}/${each.name}` })))
      .filter(({ path }) => path === device)
      .flatMap(({ consumesCounters }) => consumesCounters)
      .flatMap(({ counterSet, counters }) =>
        Object.keys(counters).map((counter) => `${device.split('/')[0] ?? ''} ${String(counterSet)} ${counter}`),
      ),
  );
  expect(taken.length).toBeGreaterThan(devices.length);
  return taken.filter((counter, at) => taken.indexOf(counter) !== at);
}

/** Pods are refused until their namespace has its service account. */
async function waitForAccount(place: ClusterPlace, core: string): Promise<void> {
  await until(
    async () => ((await callApi(place, 'GET', `${core}/serviceaccounts/default`)).status === 200 ? true : null),
    'the namespace has no service account',
  );
}

async function until<T>(look: () => Promise<T | null>, otherwise: string, limitMs = 60_000): Promise<T> {
  for (const giveUpAtMs = performance.now() + limitMs; performance.now() < giveUpAtMs; await delay(100)) {
    const seen = await look();
    if (seen !== null) return seen;
  }
  throw new Error(otherwise);
}
