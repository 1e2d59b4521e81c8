import { describe, expect, it } from 'vitest';
import type { LineageEdge, LineageGraph, LineageNode } from '../../../src/core/registry/lineage-graph.ts';
import { readModels } from './known-models.ts';
import { layoutLineage, lineageOf, nextNode, nodeSize } from './lineage-layout.ts';
import { lineageWords } from './lineage-words.ts';

const digest = `sha256:${'0'.repeat(64)}` as const;
const model = (version: number): LineageNode => ({ id: `model:digits:${version}`, kind: 'model', name: 'digits', version, digest, aliases: [], source: null, atMs: 0, by: 'ada' }); // prettier-ignore
const data = (version: number): LineageNode => ({ id: `data:train:${version}`, kind: 'data', name: 'train', version, digest, rows: 10 }); // prettier-ignore
const code = (id: string): LineageNode => ({ id: `code:${id}`, kind: 'code', digest });
const release = (number: number): LineageNode => ({ id: `release:digits:${number}`, kind: 'release', service: 'digits', number, atMs: 0, by: 'ada' }); // prettier-ignore
const edge = (from: LineageNode, kind: LineageEdge['kind'], to: LineageNode): LineageEdge => ({
  from: from.id,
  to: to.id,
  kind,
});

const graph: LineageGraph = {
  nodes: [data(1), data(2), code('a'), model(1), model(2), release(1), release(2), release(3)],
  edges: [
    edge(model(1), 'trained-on', data(1)),
    edge(model(2), 'trained-on', data(2)),
    edge(model(2), 'parent', model(1)),
    edge(model(2), 'preprocessing', code('a')),
    edge(release(1), 'releases', model(1)),
    edge(release(2), 'releases', model(2)),
    edge(release(3), 'releases', model(1)),
    ...[1, 2, 3].map((number) => edge(release(number), 'runs-code', code('a'))),
  ],
};

describe('the layout of a lineage', () => {
  it('puts data, models, releases and code into layers from left to right, newest versions on top', () => {
    const layout = layoutLineage(graph);
    const at = (id: string) => layout.nodes.find(({ node }) => node.id === id);
    expect(layout.nodes.map(({ node, layer }) => [node.kind, layer])).toEqual(
      [0, 0, 1, 1, 2, 2, 2, 3].map((layer) => [['data', 'model', 'release', 'code'][layer], layer]),
    );
    expect(at('model:digits:2')?.y).toBeLessThan(at('model:digits:1')?.y ?? 0);
    expect(layout.edges.length).toBe(graph.edges.length);
  });
  it('lets no two nodes overlap, and all lie on the sheet, whatever the graph', () => {
    const many: LineageGraph = {
      nodes: Array.from({ length: 9 }, (_, index) => [
        model(index),
        data(index),
        code(String(index)),
        release(index),
      ]).flat(),
      edges: Array.from({ length: 9 }, (_, index) => [
        edge(model(index), 'trained-on', data((index * 5) % 3)),
        edge(release(index), 'releases', model((index * 7) % 4)),
        edge(release(index), 'runs-code', code(String((index * 2) % 5))),
      ]).flat(),
    };
    for (const each of [graph, many, { nodes: [], edges: [] }]) {
      const { nodes, width, height } = layoutLineage(each);
      for (const one of nodes) {
        expect(one.x + nodeSize.width).toBeLessThanOrEqual(width);
        expect(one.y + nodeSize.height).toBeLessThanOrEqual(height);
        for (const other of nodes) {
          if (other === one || other.layer !== one.layer) continue;
          expect(Math.abs(other.y - one.y)).toBeGreaterThanOrEqual(nodeSize.height);
        }
      }
    }
  });
  it('leaves the oldest out and says how many, but never their edges into the air', () => {
    const nodes = Array.from({ length: 30 }, (_, index) => model(index + 1));
    const edges = nodes.slice(1).map((node, index) => edge(node, 'parent', nodes[index] ?? node));
    const layout = layoutLineage({ nodes, edges });
    expect(layout.versionsLeftOut).toBe(18);
    expect(layout.nodes[0]?.node.id).toBe('model:digits:30');
    expect(layout.edges.length).toBe(11);
  });
  it('spreads over a wide sheet, and never beyond it', () => {
    const narrow = layoutLineage(graph);
    for (const widthPx of [0, narrow.width, 1_000, 1_346]) {
      const { width, nodes } = layoutLineage(graph, widthPx);
      expect(width).toBe(Math.max(narrow.width, widthPx - ((widthPx - width) % 3)));
      expect(nodes.map(({ y }) => y)).toEqual(narrow.nodes.map(({ y }) => y));
    }
    expect(layoutLineage(graph, 10_000).width).toBeLessThan(1_600);
  });
  it('leaves out a layer that nothing is in', () => {
    expect(layoutLineage({ nodes: [model(1)], edges: [] }).nodes[0]?.layer).toBe(0);
  });
});

describe('the lineage of one version', () => {
  it('is what it came out of and the releases that used it', () => {
    const ids = lineageOf(graph, 1).nodes.map(({ id }) => id);
    expect(ids).toEqual(['data:train:1', 'code:a', 'model:digits:1', 'release:digits:1', 'release:digits:3']);
    expect(lineageOf(graph, 2).nodes.map(({ id }) => id)).toContain('model:digits:1');
    expect(lineageOf(graph, 2).nodes.map(({ id }) => id)).not.toContain('release:digits:1');
    expect(lineageOf(graph, 9)).toEqual({ nodes: [], edges: [] });
    expect(lineageOf(graph, null)).toBe(graph);
  });
  it('can be read as a sentence', () => {
    expect(lineageWords(model(2), graph)).toBe(
      'was trained on train:2; came from digits:1; is preprocessed for by the code 000000000000; went out as release 2.',
    );
    expect(lineageWords(data(1), graph)).toBe('trained digits:1.');
    expect(lineageWords(release(9), graph)).toBe('is tied to nothing that is known.');
  });
});

describe('the arrow keys', () => {
  const layout = layoutLineage(graph);
  it('go up and down within a layer, and to the nearest of the layer beside', () => {
    expect(nextNode(layout, 'model:digits:2', 'ArrowDown')).toBe('model:digits:1');
    expect(nextNode(layout, 'model:digits:2', 'ArrowUp')).toBeNull();
    expect(nextNode(layout, 'model:digits:2', 'ArrowLeft')).toBe('data:train:2');
    expect(nextNode(layout, 'model:digits:2', 'ArrowRight')).toBe('release:digits:2');
    expect(nextNode(layout, 'data:train:1', 'ArrowLeft')).toBeNull();
    expect(nextNode(layout, 'model:digits:2', 'Enter')).toBeNull();
    expect(nextNode(layout, 'gone', 'ArrowUp')).toBeNull();
  });
});

describe('what is known of models', () => {
  const answers: Record<string, unknown> = {
    'v1/models': ['a', 'digits'],
    'v1/models/digits': { versions: [{ version: 1 }, { version: 2 }], aliases: {}, history: [{ to: 1 }, { to: 2 }] },
    'v1/models/a': { versions: [{ version: 1 }], aliases: {} },
  };
  const answer = <T>(path: string): Promise<T> =>
    path in answers ? Promise.resolve(answers[path] as T) : Promise.reject(new Error('not there'));
  it('is of the model of the service, newest first, and stands without its lineage', async () => {
    expect(await readModels(answer, 'digits')).toMatchObject({
      name: 'digits',
      versions: [{ version: 2 }, { version: 1 }],
      moves: [{ to: 2 }, { to: 1 }],
      lineage: null,
    });
  });
  it('is of the first model where the service has none of its own, and of none where none is registered', async () => {
    expect(await readModels(answer, '')).toMatchObject({ name: 'a', moves: [] });
    expect(await readModels(<T>() => Promise.resolve([] as T), 'digits')).toBeNull();
  });
});
