import type { ReactNode } from 'preact/compat';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/compat';
import type { LineageGraph, LineageNode } from '../../../src/core/registry/lineage-graph.ts';
import { formatWhole, shortDigest } from '../parts/format.ts';
import type { KnownModels } from './known-models.ts';
import { layoutLineage, type LineageLayout, lineageOf, nextNode, nodeSize } from './lineage-layout.ts';
import { lineageWords, nodeName } from './lineage-words.ts';
import { Time } from '../parts/time.tsx';

/**
 * Where versions came from and which releases used them. Lines are an SVG behind; the nodes are buttons, one of them reached by
 * Tab and the others from it by the arrow keys. The same in words is one press away.
 */
export function Lineage({
  models,
  version,
}: {
  readonly models: KnownModels;
  readonly version: number | null;
}): ReactNode {
  const { lineage } = models;
  const [words, setWords] = useState(false);
  const graph = useMemo(() => (lineage === null ? null : lineageOf(lineage, version)), [lineage, version]);
  const part = useRef<HTMLDivElement>(null);
  const widthPx = useWidthPx(part);
  const layout = useMemo(
    () => (graph === null ? null : layoutLineage(graph, widthPx - frameWidthPx)),
    [graph, widthPx],
  );
  return (
    <div className="lineage" ref={part}>
      <div className="lineage-head">
        <h3>Lineage{version === null ? '' : ` of version ${version}`}</h3>
        {graph === null ? null : (
          <button type="button" className="more" aria-expanded={words} onClick={() => setWords(!words)}>
            {words ? 'as a graph' : 'in words'}
          </button>
        )}
      </div>
      {graph === null || layout === null ? (
        <p className="sub">It could not be read from this control plane.</p>
      ) : words ? (
        <LineageInWords graph={graph} />
      ) : (
        <LineageDrawing graph={graph} layout={layout} />
      )}
    </div>
  );
}

/** What the sheet's margins and border take of its width, in models.css. */
const frameWidthPx = 30;

function useWidthPx(element: { readonly current: HTMLElement | null }): number {
  const [widthPx, setWidthPx] = useState(0);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return undefined;
    const measure = (): void => setWidthPx(current.clientWidth);
    measure();
    const watching = new ResizeObserver(measure);
    watching.observe(current);
    return () => watching.disconnect();
  }, [element]);
  return widthPx;
}

function LineageInWords({ graph }: { readonly graph: LineageGraph }): ReactNode {
  return (
    <div
      className="scroll-y lineage-box lineage-words"
      tabIndex={0}
      role="group"
      aria-label="Lineage in words, scrollable"
    >
      <ul>
        {[...graph.nodes]
          .filter(({ kind }) => kind === 'model')
          .reverse()
          .map((node) => (
            <li key={node.id}>
              <strong>{nodeName(node)}</strong> {lineageWords(node, graph)}
            </li>
          ))}
      </ul>
    </div>
  );
}

interface DrawingProps {
  readonly graph: LineageGraph;
  readonly layout: LineageLayout;
}

function LineageDrawing({ graph, layout }: DrawingProps): ReactNode {
  const [chosen, setChosen] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const first = layout.nodes.find(({ node }) => node.kind === 'model') ?? layout.nodes[0];
  const at = layout.nodes.find(({ node }) => node.id === chosen) ?? null;
  const reachable = at ?? first ?? null;
  const tied = new Set(
    graph.edges
      .filter(({ from, to }) => from === at?.node.id || to === at?.node.id)
      .flatMap(({ from, to }) => [from, to]),
  );
  const move = (event: KeyboardEvent): void => {
    const next = reachable === null ? null : nextNode(layout, reachable.node.id, event.key);
    if (next === null) return;
    event.preventDefault();
    setChosen(next);
    box.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(next)}"]`)?.focus();
  };
  if (layout.nodes.length === 0) return <p className="sub">Nothing is known of where it came from.</p>;
  return (
    <>
      <div
        className="lineage-box"
        data-small={layout.height < 150 || undefined}
        role="group"
        aria-label="Lineage as a graph; arrow keys go from node to node"
        ref={box}
        onKeyDown={move}
      >
        <div className="lineage-sheet" style={{ width: layout.width, height: layout.height }}>
          <svg width={layout.width} height={layout.height} aria-hidden="true" focusable="false">
            {layout.edges.map(({ edge, path }) => (
              <path
                key={`${edge.kind} ${edge.from} ${edge.to}`}
                d={path}
                className={`lineage-edge lineage-${edge.kind}`}
                data-tied={edge.from === at?.node.id || edge.to === at?.node.id || undefined}
              />
            ))}
          </svg>
          {layout.nodes.map(({ node, x, y }) => (
            <button
              key={node.id}
              type="button"
              className={`lineage-node lineage-node-${node.kind}`}
              data-node={node.id}
              data-tied={tied.has(node.id) || undefined}
              aria-pressed={node.id === at?.node.id}
              tabIndex={node.id === reachable?.node.id ? 0 : -1}
              style={{ left: x, top: y, width: nodeSize.width, height: nodeSize.height }}
              onClick={() => setChosen(node.id === chosen ? null : node.id)}
            >
              <NodeName name={nodeName(node)} />
              <span className="sub line">{underName(node)}</span>
            </button>
          ))}
        </div>
      </div>
      <Chosen node={at?.node ?? null} graph={graph} layout={layout} />
    </>
  );
}

/** Where a name is too long its version still shows. */
function NodeName({ name }: { readonly name: string }): ReactNode {
  const colon = name.lastIndexOf(':');
  if (colon < 0) return <span className="line">{name}</span>;
  return (
    <span className="lineage-name">
      <span className="line">{name.slice(0, colon)}</span>
      <span>{name.slice(colon)}</span>
    </span>
  );
}

function underName(node: LineageNode): string {
  switch (node.kind) {
    case 'model':
      return node.aliases.length > 0 ? node.aliases.join(', ') : shortDigest(node.digest);
    case 'data':
      return node.rows === null ? 'not registered here' : `${formatWhole(node.rows)} rows`;
    case 'code':
      return 'code';
    case 'release':
      return `by ${node.by}`;
  }
}

/** What the chosen node is tied to, in words; without one, what the lines mean. Its height is kept. */
function Chosen({ node, graph, layout }: DrawingProps & { readonly node: LineageNode | null }): ReactNode {
  const { versionsLeftOut, releasesLeftOut } = layout;
  const leftOut = [
    versionsLeftOut === 0 ? null : `${versionsLeftOut} older versions`,
    releasesLeftOut === 0 ? null : `${releasesLeftOut} older releases`,
  ].filter((text) => text !== null);
  return (
    <p className="lineage-chosen sub" role="status">
      {node === null ? (
        <>
          From left to right: data, versions of the model, releases, code. An arc ties a version to the one it came
          from; a dashed line leads to the code that preprocesses. Press a node to read what it is tied to.
          {leftOut.length === 0 ? '' : ` Not drawn: ${leftOut.join(' and ')}; open a version to see its own.`}
        </>
      ) : (
        <>
          <strong>{nodeName(node)}</strong> {lineageWords(node, graph)}
          {'atMs' in node ? (
            <>
              {' '}
              Made <Time atMs={node.atMs} /> by {node.by}.
            </>
          ) : null}
        </>
      )}
    </p>
  );
}
