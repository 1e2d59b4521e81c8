import { describe, expect, it } from 'vitest';
import { digestOfSet } from '../../core/evidence/subjects.ts';
import type { DeviceFacts, NodeFacts } from '../../core/pool/node-facts.ts';
import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import { digestOf, type Digest } from '../../core/units/digest.ts';
import { buildDevice, buildNode } from '../../testing/builders/pools/hardware-builders.ts';
import { loadContract } from '../../testing/builders/contract-texts.ts';
import { readPlace } from './measured-place.ts';

const named = { accelerator: 'cpu', arch: 'x64', model: 'AMD EPYC' };
const labelled = { ...named, model: 'AMD family 25 model 17' };
const machine = {
  deviceClass: { digest: digestOf(named), description: 'cpu' },
  labelledClass: digestOf(labelled),
  runtime: {},
};

function place(
  nodes: readonly NodeFacts[],
  { platform = 'kubernetes', more = '', here = [] as readonly DeviceFacts[] } = {},
) {
  const { contract } = loadContract(`apiVersion: plimsoll.dev/v1
service: digits
code: { command: [plimsoll, serve-model] }
model: { name: digits, version: "1" }
${more}environments: { prod: { platform: ${platform}, pool: nodes } }
`);
  const pool: PoolSnapshot = { pool: 'nodes', takenAtMs: 0, sources: [], nodes, declared: [] };
  const facts = buildNode('here', here);
  return readPlace(
    {
      nodeProbe: () => Promise.resolve({ probe: () => Promise.resolve({ facts, withPrivilege: [] }) }),
      signal: new AbortController().signal,
    },
    { machine: () => Promise.resolve(machine), pool: () => Promise.resolve(pool) },
    contract,
    'prod',
  );
}

const withCpu = (name: string, model: string | null): NodeFacts =>
  buildNode(name, [], { cpu: { architecture: 'x64', model, cores: 8, features: null } });
const of = (...classes: readonly Digest[]) => ({ 'device-classes': digestOfSet(classes) });

describe('where something for a cluster was measured', () => {
  it.each(['AMD EPYC', 'AMD family 25 model 17'])('is its pool, where all of it is %s as here', async (model) => {
    expect(await place([withCpu('a', model), withCpu('b', model)])).toEqual({});
  });

  it('is this machine, where a node of the pool is another, where none is known, and where there is none', async () => {
    const own = of(digestOf(named));
    expect(await place([withCpu('a', 'AMD EPYC'), withCpu('b', 'Intel family 6 model 85')])).toEqual(own);
    expect(await place([withCpu('a', null)])).toEqual(own);
    expect(await place([])).toEqual(own);
  });

  it('is as the lock pins it outside of clusters', async () => {
    expect(await place([withCpu('a', 'another')], { platform: 'local' })).toEqual({});
  });

  it('of an accelerator is the pool only where a board here agrees with each of its boards', async () => {
    const more = 'hardware: { accelerator: nvidia, memory: 8GiB }\n';
    const board = buildDevice({ product: 'NVIDIA L4', driver: '570.124.06' });
    const byLabels = { ...board, brand: null, pciDeviceId: null, eccEnabled: null };
    const pool = [buildNode('a', [byLabels])];
    expect(await place(pool, { more, here: [board] })).toEqual({});
    const other = await place(pool, { more, here: [{ ...board, driver: '580.65.06' }] });
    expect(other).toHaveProperty(['device-classes']);
    expect(await place(pool, { more, here: [] })).toEqual(of(digestOf(named)));
  });
});
