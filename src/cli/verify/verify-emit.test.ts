import { ObjectSerializer } from '@kubernetes/client-node/dist/serializer.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runCommandLine } from '../../testing/rigs/command-line.ts';
import {
  badNode,
  chatContract,
  clusterNode,
  goodNodes,
  gpuPool,
  h100,
  t4,
  verifyWorld,
} from '../../testing/rigs/verify-world.ts';

const emit = (form: string, world = verifyWorld(gpuPool([...goodNodes, badNode]))) =>
  runCommandLine(['verify', '--emit', form], world);

/** What the types of the Kubernetes API keep of an object: a member that they do not know is lost. */
function asKubernetesReads(value: unknown, type: string): unknown {
  return ObjectSerializer.serialize(ObjectSerializer.deserialize(value, type), type);
}

describe('plimsoll verify --emit affinity', () => {
  it('is the affinity of a pod spec, as Kubernetes reads it', async () => {
    const { exit, out } = await emit('affinity');
    expect(exit).toBe(0);
    const { affinity } = parse(out) as { affinity: object };
    expect(asKubernetesReads(affinity, 'V1Affinity')).toEqual(affinity);
    await expect(out).toMatchFileSnapshot('./verify-golden/affinity.yaml');
  });

  it('is one JSON document where JSON is asked for', async () => {
    const world = verifyWorld(gpuPool([...goodNodes, badNode]));
    const { out: text } = await emit('affinity', world);
    for (const option of [['--format', 'json'], ['--json']]) {
      const { exit, out } = await runCommandLine(['verify', '--emit', 'affinity', ...option], world);
      expect([exit, JSON.parse(out)]).toEqual([0, { form: 'affinity', yaml: text.trimEnd() }]);
    }
  });

  it('says in comments which compatible nodes it leaves out, and why', async () => {
    const lookalike = clusterNode('gpu-d1', [h100, t4]);
    const { exit, out } = await emit('affinity', verifyWorld(gpuPool([...goodNodes, lookalike])));
    expect(exit).toBe(0);
    expect(out).toContain('#   gpu-a1: its labels are those of gpu-d1, which is not compatible');
    expect(out).toContain('#   gpu-d1: only 1 of its 2 devices are compatible');
    expect(out).toContain('admits gpu-b1');
  });

  it('is 3 and nothing to apply when labels can single out nobody', async () => {
    const { exit, out } = await emit('affinity', verifyWorld(gpuPool([badNode])));
    expect(exit).toBe(3);
    expect(out.split('\n').every((line) => line === '' || line.startsWith('# '))).toBe(true);
  });
});

describe('plimsoll verify --emit dra', () => {
  it('is a claim template, as Kubernetes reads it', async () => {
    const { exit, out } = await emit('dra');
    expect(exit).toBe(0);
    const template = parse(out) as object;
    expect(asKubernetesReads(template, 'V1ResourceClaimTemplate')).toEqual(template);
    await expect(out).toMatchFileSnapshot('./verify-golden/dra.yaml');
  });

  it('is refused for a service without an accelerator', async () => {
    const contract = chatContract.replace(/^hardware.*$/m, 'hardware: { accelerator: cpu }');
    expect((await emit('dra', verifyWorld(gpuPool(goodNodes), contract))).exit).toBe(2);
  });
});

describe('plimsoll verify --emit startup-check', () => {
  it('wraps the command of the container', async () => {
    const { exit, out } = await emit('startup-check');
    expect(exit).toBe(0);
    const podSpec = parse(out) as { containers: { command: string[] }[] };
    expect(asKubernetesReads(podSpec, 'V1PodSpec')).toEqual(podSpec);
    expect(podSpec.containers[0]?.command.slice(0, 2)).toEqual(['plimsoll', 'exec']);
  });
});
