import { describe, expect, it } from 'vitest';
import { digestOf } from '../units/digest.ts';
import { aliasEvidence } from './alias-evidence.ts';
import { lineageGraph, type LineageFacts } from './lineage-graph.ts';
import type { Lineage, ModelVersion } from './model-version.ts';

const version = (number: number, lineage: Lineage): ModelVersion => ({
  environment: 'default',
  name: 'digits',
  version: number,
  digest: digestOf(number),
  format: 'onnx',
  files: [],
  signature: null,
  facts: {},
  lineage,
  createdAtMs: number,
  createdBy: 'ada',
});
const facts: LineageFacts = {
  versions: [
    version(1, { trainedOn: { data: 'train:1', digest: digestOf('t') }, source: 'a.onnx' }),
    version(2, { parent: 1, preprocessing: digestOf('code') }),
    version(3, { parent: 9 }),
  ],
  only: null,
  aliases: { stable: 1, candidate: 2 },
  data: [{ name: 'train', version: 1, digest: digestOf('t'), rows: 60 }],
  releases: [
    { service: 's', number: 4, code: { digest: digestOf('code') }, model: { name: 'digits', version: 2 }, createdAtMs: 5, createdBy: 'bo' },
    { service: 's', number: 5, code: { digest: digestOf('code') }, model: { name: 'other', version: 2 }, createdAtMs: 6, createdBy: 'bo' },
  ], // prettier-ignore
};

describe('lineageGraph', () => {
  it('joins models, data, code and releases, and draws no edge to what is not there', () => {
    const { nodes, edges } = lineageGraph(facts);
    const code = nodes.find(({ kind }) => kind === 'code')!.id;
    expect(nodes.map(({ id }) => id)).toEqual([
      'data:train:1',
      code,
      'model:digits:1',
      'model:digits:2',
      'model:digits:3',
      'release:s:4',
    ]);
    expect(edges).toEqual([
      { from: 'model:digits:1', to: 'data:train:1', kind: 'trained-on' },
      { from: 'model:digits:2', to: code, kind: 'preprocessing' },
      { from: 'model:digits:2', to: 'model:digits:1', kind: 'parent' },
      { from: 'release:s:4', to: 'model:digits:2', kind: 'releases' },
      { from: 'release:s:4', to: code, kind: 'runs-code' },
    ]);
  });
  it('walks from one version up to its parents, and never in a circle', () => {
    const models = (only: number, given = facts) =>
      lineageGraph({ ...given, only }).nodes.flatMap((node) => (node.kind === 'model' ? [node.version] : []));
    expect(models(2)).toEqual([1, 2]);
    expect(models(1)).toEqual([1]);
    expect(models(1, { ...facts, versions: [version(1, { parent: 2 }), version(2, { parent: 1 })] })).toEqual([1]);
  });
});

describe('aliasEvidence', () => {
  const evidence = {
    kind: 'golden' as const,
    subjects: {},
    measurements: {},
    measuredAtMs: 0,
    by: 'ada',
    plimsollVersion: '0',
  };
  const locked = {
    model: { name: 'digits', version: 1, digest: digestOf(1), format: 'onnx', signature: { inputs: [], outputs: [] } },
    data: {},
    deviceClasses: [],
    runtime: {},
    evidence: { golden: evidence },
  };
  const state = (freshness: 'fresh' | 'stale') => [
    { kind: 'golden' as const, freshness, verdict: 'pass' as const, reasons: ['r'], available: true },
  ];
  it('is what the lock holds of these very bytes, and unknown once it is stale', () => {
    const one = { name: 'digits', digest: digestOf(1) };
    expect(aliasEvidence(one, locked, state('fresh'), null)).toEqual([
      { kind: 'golden', digest: digestOf(evidence), verdict: 'pass' },
    ]);
    expect(aliasEvidence(one, locked, state('stale'), null)).toMatchObject([{ verdict: 'unknown' }]);
    expect(aliasEvidence({ ...one, digest: digestOf(2) }, locked, state('fresh'), null)).toEqual([]);
    expect(aliasEvidence(one, locked, state('fresh'), ['hardware'])).toEqual([]);
  });
});
