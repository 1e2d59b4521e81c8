import { describe, expect, it } from 'vitest';
import { loadContract, minimalContract } from '../../testing/builders/contract-texts.ts';
import { buildLockedEnvironment } from '../../testing/builders/evidence-builders.ts';
import {
  buildDevice,
  buildImageFacts,
  buildModelFacts,
  buildNode,
  buildPool,
} from '../../testing/builders/pools/hardware-builders.ts';
import type { EvidenceState } from '../evidence/lock/lock.ts';
import { digestOf } from '../units/digest.ts';
import type { NodeFacts } from '../pool/node-facts.ts';
import { onPresentPool } from './present-pool.ts';

const { contract } = loadContract(
  `${minimalContract
    .replace('command: [plimsoll, serve-model]', 'image: registry.example/digits:1')
    .trimEnd()}\nhardware: { accelerator: nvidia, memory: 20GiB, devices: 2 }\nenvironments: { prod: { pool: h100-eu, platform: kubernetes, selector: { pool: gpu } } }\n`,
);
const base = buildLockedEnvironment();
const locked = {
  ...base,
  code: { digest: digestOf('code'), image: 'registry.example/digits:1', files: {}, facts: buildImageFacts() },
  ...(base.model === undefined ? {} : { model: { ...base.model, facts: buildModelFacts() } }),
};
const cpu = { architecture: 'x64', model: 'AMD EPYC 7763', cores: 64, features: [] };
const node = (name: string, boards = 2, changes: Partial<NodeFacts> = {}): NodeFacts =>
  buildNode(
    name,
    Array.from({ length: boards }, () => buildDevice()),
    { cpu, labels: { pool: 'gpu' }, ...changes },
  );

const passing: EvidenceState = {
  kind: 'hardware',
  freshness: 'fresh',
  verdict: 'pass',
  reasons: ['1 of 1 nodes'],
  available: true,
  measuredAtMs: 1,
};
const golden: EvidenceState = { ...passing, kind: 'golden' };
const on = (...nodes: readonly NodeFacts[]) =>
  onPresentPool([passing, golden], { contract, environment: 'prod', locked, snapshot: buildPool(nodes) });

describe('evidence on the pool as it is now', () => {
  it('stays as it is while every node passes, however many there are', () => {
    expect(on(node('a'))).toEqual([passing, golden]);
    expect(on(node('a'), node('b'), node('c', 8))).toEqual([passing, golden]);
    // Nothing is placed on a node that is too small, so that it decides nothing.
    expect(on(node('a'), node('b', 1))).toEqual([passing, golden]);
  });

  it.each<[string, readonly NodeFacts[]]>([
    ['no node that is large enough any more', [node('a', 1), node('b', 1)]],
    ['a node of another architecture', [node('a', 2, { cpu: { ...cpu, architecture: 'arm64' } })]],
    ['a selector that admits no node any more', [node('a', 2, { labels: { pool: 'cpu' } })]],
  ])('is stale when there is %s, with what is wrong and the command', (_, nodes) => {
    const [hardware, other] = on(...nodes);
    expect(hardware).toMatchObject({ freshness: 'stale', verdict: 'unknown', renew: 'plimsoll verify' });
    expect(hardware?.reasons[0]).toMatch(/^the nodes of the pool moved: (?:fail|unknown): .*digits in prod/);
    expect(other).toBe(golden);
  });

  it('says nothing of evidence that is not fresh and passing, nor without a snapshot', () => {
    const stale = { ...passing, freshness: 'stale' } as const;
    const snapshot = buildPool([node('b', 1)]);
    expect(onPresentPool([stale], { contract, environment: 'prod', locked, snapshot })).toEqual([stale]);
    expect(onPresentPool([passing], { contract, environment: 'prod', locked, snapshot: null })).toEqual([passing]);
  });
});
