import type { LineageEdge, LineageGraph, LineageNode } from '../../../src/core/registry/lineage-graph.ts';

/**
 * Where a graph of lineage is drawn: in layers from left to right, what comes out of something to the right of it.
 *
 * | layer | holds |
 * |---|---|
 * | 1 | data that models were trained on |
 * | 2 | versions of models, newest on top; one that came from another is tied to it by an arc on its left |
 * | 3 | releases, each group beside its version |
 * | 4 | code that they run, and that preprocesses |
 */
export interface LineageLayout {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
  /** Versions and releases that are too old to be drawn. */
  readonly versionsLeftOut: number;
  readonly releasesLeftOut: number;
}

export interface PlacedNode {
  readonly node: LineageNode;
  readonly layer: number;
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge {
  readonly edge: LineageEdge;
  readonly path: string;
}

export const nodeSize = { width: 148, height: 40 } as const;
const gap = { layer: 48, layerAtMost: 280, row: 10 } as const;
const row = nodeSize.height + gap.row;
const versionsAtMost = 12;
const releasesOfVersionAtMost = 4;
const layers = { data: 0, model: 1, release: 2, code: 3 } as const;

type Of<K extends LineageNode['kind']> = Extract<LineageNode, { readonly kind: K }>;

/** The graph of one version: what it came out of, and the releases that used it. */
export function lineageOf(graph: LineageGraph, version: number | null): LineageGraph {
  if (version === null) return graph;
  const kept = new Set(graph.nodes.filter((node) => node.kind === 'model' && node.version === version).map(idOf));
  for (const { from, to, kind } of graph.edges) if (kind === 'releases' && kept.has(to)) kept.add(from);
  for (let before = -1; before !== kept.size;) {
    before = kept.size;
    for (const { from, to } of graph.edges) if (kept.has(from)) kept.add(to);
  }
  return within(graph, kept);
}

const idOf = ({ id }: LineageNode): string => id;

function within(graph: LineageGraph, kept: ReadonlySet<string>): LineageGraph {
  return {
    nodes: graph.nodes.filter(({ id }) => kept.has(id)),
    edges: graph.edges.filter(({ from, to }) => kept.has(from) && kept.has(to)),
  };
}

/** @param widthPx of the sheet: layers stand as far apart as it lets them, and never closer than they can be read. */
export function layoutLineage(whole: LineageGraph, widthPx = 0): LineageLayout {
  const { graph, versionsLeftOut, releasesLeftOut } = newest(whole);
  const y = new Map<string, number>();
  placeVersions(graph, y);
  for (const kind of ['data', 'code'] as const) placeBeside(graph, kind, y);
  const used = [...new Set(graph.nodes.map((node) => layers[node.kind]))].sort((a, b) => a - b);
  const freePx = widthPx - arcRoom - used.length * nodeSize.width;
  const apart = Math.min(gap.layerAtMost, Math.max(gap.layer, Math.floor(freePx / Math.max(1, used.length - 1))));
  const nodes = graph.nodes.map((node): PlacedNode => {
    const layer = used.indexOf(layers[node.kind]);
    return { node, layer, x: arcRoom + layer * (nodeSize.width + apart), y: y.get(node.id) ?? 0 };
  });
  return {
    nodes: [...nodes].sort((a, b) => a.layer - b.layer || a.y - b.y),
    edges: graph.edges.flatMap((edge) => placedEdge(edge, nodes, apart)),
    width: arcRoom + Math.max(0, used.length * (nodeSize.width + apart) - apart),
    height: Math.max(0, ...nodes.map((each) => each.y + nodeSize.height)),
    versionsLeftOut,
    releasesLeftOut,
  };
}

/** Left of the first layer: arcs of versions that came from each other, where no data is drawn. */
const arcRoom = 28;

function newest(graph: LineageGraph): {
  readonly graph: LineageGraph;
  readonly versionsLeftOut: number;
  readonly releasesLeftOut: number;
} {
  const versions = versionsOf(graph);
  const kept = new Set(versions.slice(0, versionsAtMost).map(idOf));
  let releasesLeftOut = 0;
  for (const id of [...kept]) {
    const own = releasesOf(graph, id);
    releasesLeftOut += Math.max(0, own.length - releasesOfVersionAtMost);
    for (const release of own.slice(0, releasesOfVersionAtMost)) kept.add(release.id);
  }
  const inLayers = new Set(kept);
  for (const { from, to, kind } of graph.edges) if (kept.has(from) && kind !== 'parent') inLayers.add(to);
  return {
    graph: within(graph, inLayers),
    versionsLeftOut: Math.max(0, versions.length - versionsAtMost),
    releasesLeftOut,
  };
}

function versionsOf(graph: LineageGraph): readonly Of<'model'>[] {
  return graph.nodes
    .filter((node) => node.kind === 'model')
    .sort((a, b) => a.name.localeCompare(b.name) || b.version - a.version);
}

function releasesOf(graph: LineageGraph, version: string): readonly Of<'release'>[] {
  const ids = new Set(
    graph.edges.filter(({ kind, to }) => kind === 'releases' && to === version).map(({ from }) => from),
  );
  return graph.nodes
    .filter((node) => node.kind === 'release')
    .filter(({ id }) => ids.has(id))
    .sort((a, b) => b.number - a.number);
}

/** Each version in the middle of its releases, so that no line between the two layers crosses another. */
function placeVersions(graph: LineageGraph, y: Map<string, number>): void {
  let top = 0;
  for (const version of versionsOf(graph)) {
    const releases = releasesOf(graph, version.id);
    releases.forEach(({ id }, index) => y.set(id, (top + index) * row));
    const rows = Math.max(1, releases.length);
    y.set(version.id, (top + (rows - 1) / 2) * row);
    top += rows;
  }
}

/** As near as it can be to the middle of what it is tied to, without two on one place. */
function placeBeside(graph: LineageGraph, kind: 'data' | 'code', y: Map<string, number>): void {
  const wanted = graph.nodes
    .filter((node) => node.kind === kind)
    .map(({ id }) => {
      const tied = graph.edges.filter(({ to }) => to === id).map(({ from }) => y.get(from) ?? 0);
      return { id, at: tied.length === 0 ? 0 : tied.reduce((sum, each) => sum + each, 0) / tied.length };
    })
    .sort((a, b) => a.at - b.at);
  let free = 0;
  for (const { id, at } of wanted) {
    const placed = Math.max(free, at);
    y.set(id, placed);
    free = placed + row;
  }
}

function placedEdge(edge: LineageEdge, nodes: readonly PlacedNode[], apart: number): readonly PlacedEdge[] {
  const from = nodes.find(({ node }) => node.id === edge.from);
  const to = nodes.find(({ node }) => node.id === edge.to);
  if (from === undefined || to === undefined) return [];
  const middle = nodeSize.height / 2;
  if (edge.kind === 'parent') {
    const bend = from.x - 22;
    const path = `M${from.x} ${from.y + middle}C${bend} ${from.y + middle} ${bend} ${to.y + middle} ${to.x} ${to.y + middle}`;
    return [{ edge, path }];
  }
  const [left, right] = from.x < to.x ? [from, to] : [to, from];
  const start = left.x + nodeSize.width;
  const bend = Math.min(apart, right.x - start) * 0.55;
  const path = `M${start} ${left.y + middle}C${start + bend} ${left.y + middle} ${right.x - bend} ${right.y + middle} ${right.x} ${right.y + middle}`;
  return [{ edge, path }];
}

/** Where an arrow key leads: up and down within a layer, left and right to the nearest of the layer beside. */
export function nextNode(layout: LineageLayout, id: string, key: string): string | null {
  const at = layout.nodes.find(({ node }) => node.id === id);
  if (at === undefined) return null;
  const beside = (layer: number): readonly PlacedNode[] => layout.nodes.filter((each) => each.layer === layer);
  const index = beside(at.layer).indexOf(at);
  switch (key) {
    case 'ArrowUp':
      return beside(at.layer)[index - 1]?.node.id ?? null;
    case 'ArrowDown':
      return beside(at.layer)[index + 1]?.node.id ?? null;
    case 'ArrowLeft':
    case 'ArrowRight': {
      const others = beside(at.layer + (key === 'ArrowLeft' ? -1 : 1));
      const nearest = [...others].sort((a, b) => Math.abs(a.y - at.y) - Math.abs(b.y - at.y))[0];
      return nearest?.node.id ?? null;
    }
    default:
      return null;
  }
}
