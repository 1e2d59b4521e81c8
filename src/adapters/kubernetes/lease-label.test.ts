import { describe, expect, it } from 'vitest';
import { objectAt } from '../../protocols/kubernetes-objects/json-object.ts';
import { FakeCluster } from '../../testing/fakes/servers/fake-cluster.ts';
import { componentLabels, type Component } from './install/object-names.ts';
import { LeaseLabel } from './lease-label.ts';

const collection = '/api/v1/namespaces/inference/pods';
const { signal } = new AbortController();
const held = { 'plimsoll.dev/lease': 'held' };

function put(cluster: FakeCluster, name: string, more: object = {}, of: readonly [string, Component] = own): void {
  const labels = { ...componentLabels({ name: of[0] }, of[1]), ...more };
  cluster.put(collection, { metadata: { name, namespace: 'inference', labels } });
}
const own = ['first', 'control-plane'] as const;
const open = (cluster: FakeCluster, name: string): LeaseLabel =>
  new LeaseLabel(cluster.client(), { namespace: 'inference', name, installation: 'first' });
const labelled = (cluster: FakeCluster, ...names: readonly string[]): readonly string[] =>
  names.filter(
    (name) => objectAt(cluster.get(`${collection}/${name}`), 'metadata', 'labels')['plimsoll.dev/lease'] !== undefined,
  );
const writes = (cluster: FakeCluster): number => cluster.calls.filter((call) => call.startsWith('PATCH')).length;

describe('the label of the pod with the lease', () => {
  it('is given to one pod, and taken from the one that had it', async () => {
    const cluster = new FakeCluster();
    put(cluster, 'a');
    put(cluster, 'b');
    await open(cluster, 'a').hold(signal);
    expect(labelled(cluster, 'a', 'b')).toEqual(['a']);
    await open(cluster, 'b').hold(signal);
    expect(labelled(cluster, 'a', 'b')).toEqual(['b']);
  });

  it('is written once, and again where somebody took it away', async () => {
    const cluster = new FakeCluster();
    put(cluster, 'a');
    const label = open(cluster, 'a');
    await label.hold(signal);
    await label.hold(signal);
    expect(writes(cluster)).toBe(1);
    put(cluster, 'a');
    await label.hold(signal);
    expect(labelled(cluster, 'a')).toEqual(['a']);
  });

  it('is left over by a container that ended, and dropped by the next one in the same pod', async () => {
    const cluster = new FakeCluster();
    put(cluster, 'a', held);
    await open(cluster, 'a').drop(signal);
    expect(labelled(cluster, 'a')).toEqual([]);
    await open(cluster, 'a').drop(signal);
  });

  it('of other installations and components stays where it is', async () => {
    const cluster = new FakeCluster();
    put(cluster, 'a');
    put(cluster, 'other', held, ['second', 'control-plane']);
    put(cluster, 'gateway', held, ['first', 'gateway']);
    await open(cluster, 'a').hold(signal);
    expect(labelled(cluster, 'a', 'other', 'gateway')).toEqual(['a', 'other', 'gateway']);
  });

  it('is not given where the one that had it could not be told', async () => {
    const cluster = new FakeCluster();
    put(cluster, 'a', held);
    put(cluster, 'b');
    cluster.failures.push({ matches: /PATCH .*\/a$/, status: 503, times: 1 });
    await expect(open(cluster, 'b').hold(signal)).rejects.toMatchObject({ category: 'unavailable' });
    expect(labelled(cluster, 'a', 'b')).toEqual(['a']);
    await open(cluster, 'b').hold(signal);
    expect(labelled(cluster, 'a', 'b')).toEqual(['b']);
  });

  it('of a pod that is not there is refused, with what PLIMSOLL_POD has to be', async () => {
    const label = open(new FakeCluster(), 'a');
    await expect(label.drop(signal)).rejects.toMatchObject({
      code: 'pod-missing',
      message: expect.stringContaining('PLIMSOLL_POD names it') as string,
    });
    await expect(label.hold(signal)).rejects.toMatchObject({ code: 'pod-missing' });
  });
});
