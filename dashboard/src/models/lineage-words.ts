import type { LineageEdge, LineageGraph, LineageNode } from '../../../src/core/registry/lineage-graph.ts';
import { shortDigest } from '../parts/format.ts';

export function nodeName(node: LineageNode): string {
  switch (node.kind) {
    case 'model':
      return `${node.name}:${node.version}`;
    case 'data':
      return node.version === null ? node.name : `${node.name}:${node.version}`;
    case 'code':
      return shortDigest(node.digest);
    case 'release':
      return `release ${node.number}`;
  }
}

/** What a node is tied to, as a sentence: the graph for whoever does not see it. */
export function lineageWords(node: LineageNode, graph: LineageGraph): string {
  const names = (kind: LineageEdge['kind'], way: 'out' | 'in'): string | null => {
    const found = graph.edges
      .filter((edge) => edge.kind === kind && (way === 'out' ? edge.from : edge.to) === node.id)
      .flatMap((edge) => graph.nodes.filter(({ id }) => id === (way === 'out' ? edge.to : edge.from)))
      .map(nodeName);
    return found.length === 0 ? null : found.join(', ');
  };
  const said = (words: string, found: string | null): readonly string[] =>
    found === null ? [] : [`${words} ${found}`];
  const parts = partsOf(node, names, said);
  return parts.length === 0 ? 'is tied to nothing that is known.' : `${parts.join('; ')}.`;
}

type Names = (kind: LineageEdge['kind'], way: 'out' | 'in') => string | null;
type Said = (words: string, found: string | null) => readonly string[];

function partsOf(node: LineageNode, names: Names, said: Said): readonly string[] {
  switch (node.kind) {
    case 'model':
      return [
        ...said('was trained on', names('trained-on', 'out')),
        ...said('came from', names('parent', 'out')),
        ...said('is preprocessed for by the code', names('preprocessing', 'out')),
        ...said('was fetched from', node.source),
        ...said('went out as', names('releases', 'in')),
        ...said('led to', names('parent', 'in')),
      ];
    case 'data':
      return said('trained', names('trained-on', 'in'));
    case 'code':
      return [...said('preprocesses for', names('preprocessing', 'in')), ...said('runs in', names('runs-code', 'in'))];
    case 'release':
      return [...said('serves', names('releases', 'out')), ...said('runs code', names('runs-code', 'out'))];
  }
}
