import { describe, expect, it } from 'vitest';
import { digestOf } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import type { OwnCluster, OwnNodes } from '../../ports/nodes/own-nodes.ts';
import { nodeFactsOfKubernetes } from '../../protocols/kubernetes-objects/node-facts-of-kubernetes.ts';
import { loadContract } from '../../testing/builders/contract-texts.ts';
import { testMachine } from '../../testing/rigs/test-judging.ts';
import { readNodes } from './read-nodes.ts';

const text = (more = '', code = '{ command: [plimsoll, serve-model] }'): string => `apiVersion: plimsoll.dev/v1
service: digits
code: ${code}
model: { name: digits, version: "1" }
${more}environments: { prod: { platform: kubernetes, pool: nodes } }
`;

const cpu = (name: string, id: string | null): NodeFacts => {
  const labels = {
    'feature.node.kubernetes.io/cpu-model.vendor_id': 'AMD',
    'feature.node.kubernetes.io/cpu-model.family': '25',
    'feature.node.kubernetes.io/cpu-model.id': id ?? '',
  };
  const object = { metadata: { name, labels }, status: { nodeInfo: { architecture: 'amd64' } } };
  return nodeFactsOfKubernetes({ nodes: [object], slices: [], others: {} }, 0).ofLabels[0] as NodeFacts;
};
const gpu = (capacity: string): NodeFacts => {
  const labels = {
    'nvidia.com/gpu.product': 'NVIDIA-L4',
    'nvidia.com/gpu.count': '1',
    'nvidia.com/gpu.replicas': '1',
    'nvidia.com/gpu.sharing-strategy': 'none',
    'nvidia.com/mig.capable': 'false',
  };
  const status = { nodeInfo: { architecture: 'amd64' }, capacity: { 'nvidia.com/gpu': capacity } };
  const object = { metadata: { name: `gpu-${capacity}`, labels }, status };
  return nodeFactsOfKubernetes({ nodes: [object], slices: [], others: {} }, 0).ofLabels[0] as NodeFacts;
};

const clusterOf = (nodes: readonly NodeFacts[], more: Partial<OwnCluster> = {}): OwnCluster => ({
  namespace: 'here',
  nodes: () => Promise.resolve(nodes),
  runtime: () => Promise.resolve({ onnxruntime: '1.30.0' }),
  ...more,
});

function read(cluster: OwnCluster | undefined, contract = text()) {
  const nodes: OwnNodes = {
    platform: 'kubernetes',
    machine: () => testMachine,
    probe: () => Promise.reject(new Error('no replica lands on this machine')),
    ...(cluster === undefined ? {} : { cluster }),
  };
  return readNodes(nodes, loadContract(contract).contract, 'prod', undefined, 7);
}

const classOf = (id: string) => digestOf({ accelerator: 'cpu', arch: 'x64', model: `AMD family 25 model ${id}` });

describe('the nodes of a cluster, to evidence', () => {
  it('are their distinct classes, with the runtime of the image', async () => {
    const { subjects, snapshot } = await read(clusterOf([cpu('a', '17'), cpu('b', '1'), cpu('c', '17')]));
    expect(subjects).toEqual({
      runtime: { onnxruntime: '1.30.0' },
      deviceClasses: [classOf('17'), classOf('1')].sort(),
    });
    expect(snapshot).toBeNull();
  });

  it('are a pool to hardware evidence', async () => {
    const { snapshot } = await read(clusterOf([cpu('a', '17')]), text('hardware: { accelerator: cpu }\n'));
    expect(snapshot).toMatchObject({ pool: 'nodes', takenAtMs: 7, nodes: [{ name: 'a' }] });
  });

  it('are not known where one of them is not, and it is named', async () => {
    const unlabelled = ['b', 'c', 'd', 'e'].map((name) => cpu(name, null));
    const { subjects } = await read(clusterOf([cpu('a', '17'), ...unlabelled]));
    expect(subjects.deviceClasses).toEqual({
      unreadable: expect.stringMatching(/^b: no label of node-feature-discovery .*\(and 1 more nodes\)$/) as string,
    });
  });

  it('are not known where no node takes pods, where the right is missing, and without a reading', async () => {
    expect((await read(clusterOf([]))).subjects.deviceClasses).toEqual({
      unreadable: 'no node of the cluster takes pods',
    });
    const refused = new PlimsollError({
      code: 'cluster-forbidden',
      category: 'unauthorized',
      message: 'may not list nodes',
    });
    const blind = clusterOf([], { nodes: () => Promise.reject(refused), runtime: () => Promise.reject(refused) });
    expect((await read(blind)).subjects).toEqual({
      runtime: { unreadable: 'may not list nodes' },
      deviceClasses: { unreadable: 'may not list nodes' },
    });
    expect((await read(undefined)).subjects.deviceClasses).toMatchObject({
      unreadable: 'this control plane does not see the nodes of prod',
    });
  });

  it('with accelerators count alone for a service that needs one, where labels tell of each device', async () => {
    const hardware = text('hardware: { accelerator: nvidia, memory: 8GiB }\n');
    const certain = await read(clusterOf([cpu('a', null), gpu('1')]), hardware);
    expect(certain.subjects.deviceClasses).toHaveLength(1);
    const mixed = await read(clusterOf([gpu('1'), gpu('2')]), hardware);
    expect(mixed.subjects.deviceClasses).toEqual({
      unreadable: expect.stringMatching(/^gpu-2: .*holds other devices too/) as string,
    });
    expect((await read(clusterOf([cpu('a', '17')]), hardware)).subjects.deviceClasses).toEqual({
      unreadable: 'no node of the cluster that takes pods has an accelerator',
    });
  });
});
