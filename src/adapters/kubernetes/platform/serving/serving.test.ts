import { afterEach, describe, expect, it } from 'vitest';
import type { AdmittedReplicas } from '../../../../ports/serving/platform.ts';
import { arrayOf, objectAt, type JsonObject } from '../../../../protocols/kubernetes-objects/json-object.ts';
import { FakeCluster } from '../../../../testing/fakes/servers/fake-cluster.ts';
import {
  closeAll,
  countOf,
  never,
  open,
  owner,
  pods,
  putPod,
  set,
  spec,
  writes,
} from '../../../../testing/fakes/servers/platform-on-fake-cluster.ts';
import { admittedCondition, containerName } from '../../manifests/labels.ts';

afterEach(closeAll);

const services = '/api/v1/namespaces/inference/services';
const slices = '/apis/discovery.k8s.io/v1/namespaces/inference/endpointslices';
const service = `${services}/digits-live`;
const slice = `${slices}/digits-live-ipv4-0`;
const [one, two] = [`${set}-one`, `${set}-two`];

const says = (admitted: readonly string[], live: readonly string[] | null): AdmittedReplicas => ({
  admitted: new Set(admitted),
  live: live === null ? null : new Set(live),
});
const gateOf = (cluster: FakeCluster, pod: string): unknown =>
  arrayOf(objectAt(cluster.get(`${pods}/${pod}`), 'status')['conditions']).find(
    (each) => objectAt(each)['type'] === admittedCondition,
  );
const ledTo = (cluster: FakeCluster): readonly unknown[] =>
  arrayOf(cluster.get(slice)?.['endpoints']).map((each) => objectAt(each, 'targetRef')['name']);

/** Two pods that are ready by their probes. */
async function openServing(cluster: FakeCluster) {
  const opened = open(cluster);
  await opened.platform.apply(owner, [spec(2)], never);
  for (const name of [one, two]) putPod(cluster, name);
  await opened.pass(500);
  cluster.calls.length = 0;
  return opened;
}

/** As the kubelet tells of another container of the same pod. */
function restart(cluster: FakeCluster, name: string): void {
  const before = cluster.get(`${pods}/${name}`) ?? {};
  const status = {
    name: containerName,
    containerID: 'c2',
    ready: true,
    restartCount: 1,
    state: { running: { startedAt: '2023-11-14T22:14:00Z' } },
  };
  cluster.put(pods, { ...before, status: { ...objectAt(before, 'status'), containerStatuses: [status] } });
}

describe('the readiness gate of a pod', () => {
  it('is opened for the container that was admitted, once', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = await openServing(cluster);
    for (let turn = 0; turn < 3; turn += 1) {
      await platform.setAdmitted(owner, says([one], null), never);
      await pass(2_000);
    }
    expect(writes(cluster)).toEqual([`PATCH ${pods}/${one}/status`]);
    expect(gateOf(cluster, one)).toMatchObject({ status: 'True', reason: 'GoldenSetPassed', message: 'c1' });
    expect(gateOf(cluster, two)).toBeUndefined();
  });

  it('closes for a pod that is to end before one that sleeps, and only then the number falls', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = await openServing(cluster);
    await platform.setAdmitted(owner, says([one], [one]), never);
    await pass(500);
    // As the kubelet tells of a pod whose gate is open, and of one whose probe fails.
    const tellReady = (name: string, status: string): void => {
      const pod = cluster.get(`${pods}/${name}`) ?? {};
      const before = objectAt(pod, 'status');
      const others = arrayOf(before['conditions']).filter((each) => objectAt(each)['type'] !== 'Ready');
      cluster.put(pods, { ...pod, status: { ...before, conditions: [...others, { type: 'Ready', status }] } });
    };
    tellReady(one, 'True');
    tellReady(two, 'False');
    await platform.apply(owner, [spec(1, { stopFirst: [one] })], never);
    for (let turn = 0; turn < 3; turn += 1) await pass(500);
    expect(gateOf(cluster, one)).toMatchObject({ status: 'False' });
    expect(countOf(cluster)).toBe(2);
    tellReady(one, 'False');
    for (let turn = 0; turn < 3; turn += 1) await pass(500);
    expect(countOf(cluster)).toBe(1);
    await platform.apply(owner, [spec(2)], never);
    for (let turn = 0; turn < 3; turn += 1) await pass(500);
    expect(gateOf(cluster, one)).toMatchObject({ status: 'True' });
  });

  it('closes with the container, before anybody asks, and opens for the next one that is admitted', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = await openServing(cluster);
    await platform.setAdmitted(owner, says([one], [one]), never);
    await pass(500);
    restart(cluster, one);
    await pass(500);
    expect(gateOf(cluster, one)).toMatchObject({ status: 'False', reason: 'ContainerNotAdmitted', message: 'c2' });
    expect(ledTo(cluster)).toEqual([]);
    await platform.setAdmitted(owner, says([one, `${one}.1`], [`${one}.1`]), never);
    expect(gateOf(cluster, one)).toMatchObject({ status: 'True', message: 'c2' });
    await pass(500);
    expect(ledTo(cluster)).toEqual([one]);
  });

  it('is tried again where the API server fails, and replicas are kept all the same', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = await openServing(cluster);
    cluster.failures.push({ matches: /status$/, status: 500, times: 1 });
    await expect(platform.setAdmitted(owner, says([one], null), never)).rejects.toMatchObject({
      code: 'cluster-failed',
    });
    await pass(3_000);
    await platform.setAdmitted(owner, says([one], null), never);
    expect(gateOf(cluster, one)).toMatchObject({ status: 'True' });
  });
});

describe('the Service of an owner', () => {
  it('has no selector, and leads to live, admitted pods alone', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = await openServing(cluster);
    await platform.setAdmitted(owner, says([one, two], [two]), never);
    await pass(500);
    expect(objectAt(cluster.get(service), 'spec')).toEqual({
      type: 'ClusterIP',
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }],
    });
    expect(cluster.get(slice)).toMatchObject({
      addressType: 'IPv4',
      metadata: {
        labels: {
          'kubernetes.io/service-name': 'digits-live',
          'endpointslice.kubernetes.io/managed-by': 'plimsoll.dev',
        },
      },
      ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    });
    expect(ledTo(cluster)).toEqual([two]);
    await platform.setAdmitted(owner, says([two], [one, two]), never);
    expect(ledTo(cluster)).toEqual([two]);
  });

  it('is written only where something moves', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = await openServing(cluster);
    for (let turn = 0; turn < 4; turn += 1) {
      await platform.setAdmitted(owner, says([one, two], [one, two]), never);
      await pass(2_000);
    }
    const gates = [one, two].map((name) => `PATCH ${pods}/${name}/status`);
    expect(writes(cluster)).toEqual([...gates, `POST ${slices}`, `POST ${services}`]);
  });

  it('lets go of a pod that ends, and goes where nothing is live', async () => {
    const cluster = new FakeCluster();
    const { platform, pass } = await openServing(cluster);
    await platform.setAdmitted(owner, says([one, two], [one, two]), never);
    await pass(500);
    const before = cluster.get(`${pods}/${one}`) ?? {};
    const metadata = { ...objectAt(before, 'metadata'), deletionTimestamp: '2023-11-14T22:15:00Z' };
    cluster.put(pods, { ...before, metadata });
    await pass(500);
    expect(ledTo(cluster)).toEqual([two]);
    await platform.setAdmitted(owner, says([], null), never);
    await pass(500);
    expect([cluster.get(service), cluster.get(slice)]).toEqual([undefined, undefined]);
  });

  it('of a name that another has is left alone, and that is said once', async () => {
    const cluster = new FakeCluster();
    const theirs: JsonObject = { metadata: { name: 'digits-live' }, spec: { selector: { app: 'digits' } } };
    cluster.put(services, theirs);
    const { platform, notices, pass } = await openServing(cluster);
    for (let turn = 0; turn < 40; turn += 1) {
      await platform.setAdmitted(owner, says([one], [one]), never);
      await pass(2_000);
    }
    expect(cluster.get(service)).toMatchObject(theirs);
    expect(objectAt(cluster.get(service), 'metadata')['labels']).toBeUndefined();
    expect(notices).toMatchObject([{ kind: 'service-taken', name: 'digits-live' }]);
    expect(writes(cluster).filter((call) => call === `POST ${services}`).length).toBeLessThan(5);
    cluster.remove(service);
    for (let turn = 0; turn < 20; turn += 1) {
      await platform.setAdmitted(owner, says([one], [one]), never);
      await pass(2_000);
    }
    expect(objectAt(cluster.get(service), 'metadata')['labels']).toMatchObject({ 'plimsoll.dev/service': 'digits' });
  });

  it('is put back where somebody gives it a selector or other endpoints, or removes it', async () => {
    const cluster = new FakeCluster();
    const { platform, notices, pass } = await openServing(cluster);
    await platform.setAdmitted(owner, says([one], [one]), never);
    await pass(500);
    const found = cluster.get(service) ?? {};
    cluster.put(services, { ...found, spec: { ...objectAt(found, 'spec'), selector: { app: 'mine' } } });
    await platform.setAdmitted(owner, says([one], [one]), never);
    await pass(500);
    await platform.setAdmitted(owner, says([one], [one]), never);
    expect(objectAt(cluster.get(service), 'spec')['selector']).toBeUndefined();
    cluster.put(slices, { ...cluster.get(slice), endpoints: [{ addresses: ['10.9.9.9'] }] });
    await pass(500);
    await platform.setAdmitted(owner, says([one], [one]), never);
    expect(ledTo(cluster)).toEqual([one]);
    cluster.remove(service);
    await pass(500);
    await platform.setAdmitted(owner, says([one], [one]), never);
    await pass(500);
    expect(cluster.get(service)).toBeDefined();
    expect(notices.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'service-put-back digits-live',
      'service-put-back digits-live-ipv4-0',
      'service-put-back digits-live',
    ]);
  });
});
