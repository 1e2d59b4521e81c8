import { describe, expect, it } from 'vitest';
import type { OwnCluster } from '../../ports/nodes/own-nodes.ts';
import { buildEvidence } from '../../testing/builders/evidence-builders.ts';
import { loadContract } from '../../testing/builders/contract-texts.ts';
import { buildNode } from '../../testing/builders/pools/hardware-builders.ts';
import type { ReleaseProof } from '../judging/release-proof.ts';
import { makeHardwareSource } from './hardware-source.ts';

const never = new AbortController().signal;
const cpu = (model: string | null) => ({ cpu: { architecture: 'x64', model, cores: 8, features: null } });
const probe = { probe: () => Promise.resolve({ facts: buildNode('here', [], cpu('of here')), withPrivilege: [] }) };
const clusterOf = (nodes: OwnCluster['nodes']): OwnCluster => ({
  namespace: 'here',
  nodes,
  runtime: () => Promise.resolve({}),
});

function sourceOf(platform: 'local' | 'kubernetes', cluster?: OwnCluster) {
  const loaded = loadContract(`apiVersion: plimsoll.dev/v1
service: digits
code: { command: [plimsoll, serve-model] }
model: { name: digits, version: "1" }
hardware: { accelerator: cpu }
environments: { prod: { platform: ${platform}, pool: nodes } }
`);
  const locked = { evidence: { hardware: buildEvidence('hardware', {}) } };
  const proof = { loaded, locked, release: { environment: 'prod' } } as unknown as ReleaseProof;
  return makeHardwareSource(() => Promise.resolve(proof), probe, cluster);
}

describe('the hardware that a watch compares', () => {
  it('is the nodes of the cluster, of which one that does not tell its CPU says nothing', async () => {
    const nodes = [buildNode('a', [], cpu('AMD family 25 model 17')), buildNode('b', [], cpu(null))];
    const source = sourceOf(
      'kubernetes',
      clusterOf(() => Promise.resolve(nodes)),
    );
    expect(await source.verified()).not.toBeNull();
    expect(await source.present(never)).toEqual([{ accelerator: 'cpu', arch: 'x64', model: 'AMD family 25 model 17' }]);
  });

  it('cannot be read without the right, and says so', async () => {
    const source = sourceOf(
      'kubernetes',
      clusterOf(() => Promise.reject(new Error('may not list nodes'))),
    );
    expect(await source.present(never)).toMatchObject({
      unreadable: expect.stringContaining('may not list') as string,
    });
  });

  it('is this machine on the local platform, and never that of the other platform', async () => {
    expect(await sourceOf('local').present(never)).toMatchObject([{ model: 'of here' }]);
    expect(
      await sourceOf(
        'local',
        clusterOf(() => Promise.resolve([])),
      ).verified(),
    ).toBeNull();
    expect(await sourceOf('kubernetes').verified()).toBeNull();
  });
});
