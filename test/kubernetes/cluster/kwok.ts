import path from 'node:path';
import { callApi, demandApi } from './api.ts';
import { fileOf, type ClusterPlace } from './place.ts';
import { startProgram, waitFor } from './program.ts';

/** Of the pods that kwok plays. */
export const playedPods = '10.99.0.0/16';
const playedBy = { 'kwok.x-k8s.io/node': 'fake' };

export interface FakeNodeOptions {
  readonly labels?: Readonly<Record<string, string>>;
  readonly capacity?: Readonly<Record<string, string>>;
  /** One that keeps the pods of other tests away, unless given. */
  readonly taints?: readonly object[];
}

/** Starts the program that plays nodes and their pods, and makes `count` nodes. */
export async function startFakeNodes(place: ClusterPlace, count: number, more: FakeNodeOptions = {}): Promise<void> {
  startProgram(place, 'kwok', path.join(place.binaries, 'kwok'), [
    `--kubeconfig=${fileOf.kubeconfig(place, 'kwok')}`,
    '--manage-all-nodes=false',
    '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
    '--node-lease-duration-seconds=40',
    `--cidr=${playedPods}`,
    '--server-address=127.0.0.1:17247',
    `--config=${path.join(place.binaries, 'kwok-stages.yaml')}`,
  ]);
  for (let at = 0; at < count; at += 1)
    await demandApi(place, 'POST', '/api/v1/nodes', makeFakeNode(`fake${at}`, more));
  await waitFor(place, 'kwok', async () => {
    const { body } = await callApi(place, 'GET', '/api/v1/nodes?labelSelector=type%3Dkwok');
    const nodes = body.items as readonly { status: { conditions?: readonly { type: string; status: string }[] } }[];
    const isReady = ({ type, status }: { type: string; status: string }): boolean =>
      type === 'Ready' && status === 'True';
    return nodes.length >= count && nodes.every(({ status }) => status.conditions?.some(isReady) === true);
  });
}

function makeFakeNode(name: string, more: FakeNodeOptions): object {
  const capacity = { cpu: '96', memory: '1Ti', pods: '110', ...more.capacity };
  const labels = {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    type: 'kwok',
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, annotations: playedBy, labels: { ...labels, ...more.labels } },
    spec: { taints: more.taints ?? [{ key: 'kwok.x-k8s.io/node', value: 'fake', effect: 'NoSchedule' }] },
    status: { capacity, allocatable: capacity },
  };
}
