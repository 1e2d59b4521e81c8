import { type LineageGraph, lineageGraph } from '../../src/core/registry/lineage-graph.ts';
import type { AliasMove, ModelVersion } from '../../src/core/registry/model-version.ts';
import type { ReleaseSummary } from '../../src/schemas/view/view.ts';
import { digestOf, digitsSignature, modelOf } from './fake-parts.ts';

/** A registry that does not exist: what its routes answer. */
export interface FakeModels {
  readonly names: readonly string[];
  readonly versions: readonly ModelVersion[];
  readonly aliases: Readonly<Record<string, number>>;
  readonly history: readonly AliasMove[];
}

const dayMs = 86_400_000;
const environment = 'default';

export function fakeModels(name: string, many: boolean, nowMs: number): FakeModels {
  const count = many ? 26 : 3;
  const versions = Array.from({ length: count }, (_, index) => makeVersion(name, index + 1, count, nowMs));
  const last = many ? count : 2;
  return {
    names: many ? [name, 'product-embedding-reranker-multilingual-small', 'query-rewriter'].sort() : [name],
    versions,
    aliases: { released: last, candidate: count, champion: last },
    history: makeMoves(name, last, count, nowMs),
  };
}

function makeVersion(name: string, version: number, count: number, nowMs: number): ModelVersion {
  const data = `${name}-train`.slice(0, 60);
  return {
    environment,
    name,
    version,
    digest: modelOf(version, name).digest as ModelVersion['digest'],
    format: version % 5 === 4 ? 'safetensors' : 'onnx',
    files: [
      { path: 'model.onnx', digest: digestOf(`file ${version}`), bytes: 438_000 + version * 1_730 },
      { path: 'labels.json', digest: digestOf('labels'), bytes: 182 },
    ],
    signature: digitsSignature,
    facts: {},
    lineage: {
      trainedOn: { data: `${data}:${Math.ceil(version / 2)}`, digest: digestOf(`${data} ${Math.ceil(version / 2)}`) },
      ...(version === 1 ? {} : { parent: version - 1 }),
      ...(version % 3 === 0 ? { source: `mlflow://127.0.0.1:5000/models/${name}/${version}` } : {}),
      ...(version === 2 ? { preprocessing: digestOf('code serve-model:0.2.0'), note: 'more sevens with a bar' } : {}),
    },
    createdAtMs: nowMs - (count - version + 1) * 2.3 * dayMs,
    createdBy: version % 2 === 0 ? 'grace' : 'ada',
  };
}

function makeMoves(name: string, released: number, count: number, nowMs: number): readonly AliasMove[] {
  const move = (alias: string, from: number | null, to: number, agoDays: number, reason: string): AliasMove => ({
    environment,
    name,
    alias,
    from,
    to,
    reason,
    by: to % 2 === 0 ? 'grace' : 'ada',
    atMs: nowMs - agoDays * dayMs,
    ...(alias === 'champion'
      ? {
          evidence: [
            { kind: 'golden', digest: digestOf(`golden ${to}`), verdict: 'pass' },
            { kind: 'evaluation', digest: digestOf(`evaluation ${to}`), verdict: to === 1 ? 'inconclusive' : 'pass' },
          ],
        }
      : {}),
  });
  return [
    move('candidate', null, 1, 6.1, 'first export of the digits example'),
    move('champion', null, 1, 6, 'nothing to compare it with yet'),
    move('candidate', 1, released, 4.1, 'trained on the set with more sevens'),
    move(
      'champion',
      1,
      released,
      2.4,
      'accuracy 98.1%, no worse than version 1 by more than 0.5 points at 95% confidence',
    ),
    move('candidate', released, count, 0.1, ''),
  ];
}

export function fakeLineage(models: FakeModels, releases: readonly ReleaseSummary[]): LineageGraph {
  return lineageGraph({
    versions: models.versions,
    only: null,
    aliases: models.aliases,
    data: models.versions.flatMap(({ lineage: { trainedOn } }) => {
      const [name = '', version] = trainedOn?.data.split(':') ?? [];
      if (trainedOn === undefined || version === '1') return [];
      return [{ name, version: Number(version), digest: trainedOn.digest, rows: 4_000 + Number(version) * 1_000 }];
    }),
    releases: [...releases].reverse().map(({ number, code, model, createdAtMs, createdBy }) => ({
      service: 'digits',
      number,
      code: { digest: code.digest as ModelVersion['digest'] },
      model,
      createdAtMs,
      createdBy,
    })),
  });
}
