/**
 * The drawn graph of ARCHITECTURE.md, from the imports that are really there: one box a layer, one line for each pair of
 * layers that import one another, thicker for more imports (in steps of eight times, so that the picture changes with the
 * architecture and not with every commit). `scripts/generate.ts` writes it.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);

/** Rows from what starts to what everything rests on; the order is the reading order of ARCHITECTURE.md. */
const rows: readonly (readonly string[])[] = [
  ['bin'],
  ['cli', 'control-plane', 'gateway', 'model-server', 'adapters'],
  ['prove'],
  ['ports'],
  ['protocols', 'formats'],
  ['schemas'],
  ['core'],
];

const boxWidth = 150;
const boxHeight = 52;
const gapX = 26;
const gapY = 64;
const margin = 24;

interface Box {
  readonly layer: string;
  readonly x: number;
  readonly y: number;
}

/** Number of import statements from one layer's files to another's; tests and test parts left out. */
function layerImports(): ReadonlyMap<string, number> {
  const edges = new Map<string, number>();
  for (const file of globSync('src/**/*.ts', { cwd: root }).sort()) {
    const layer = file.split(path.sep)[1] ?? '';
    if (file.endsWith('.test.ts') || !rows.some((row) => row.includes(layer))) continue;
    const source = readFileSync(path.join(root, file), 'utf8');
    for (const [, target] of source.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
      const to = path.relative(root, path.resolve(root, path.dirname(file), target ?? '')).split(path.sep)[1] ?? '';
      if (to === layer || !rows.some((row) => row.includes(to))) continue;
      edges.set(`${layer} ${to}`, (edges.get(`${layer} ${to}`) ?? 0) + 1);
    }
  }
  return edges;
}

export function layerGraphSvg(): string {
  const edges = layerImports();
  const widest = Math.max(...rows.map((row) => row.length));
  const width = margin * 2 + widest * boxWidth + (widest - 1) * gapX;
  const height = margin * 2 + rows.length * boxHeight + (rows.length - 1) * gapY;
  const boxes = rows.flatMap((row, rowIndex) => {
    const rowWidth = row.length * boxWidth + (row.length - 1) * gapX;
    return row.map((layer, index): Box => ({
      layer,
      x: (width - rowWidth) / 2 + index * (boxWidth + gapX),
      y: margin + rowIndex * (boxHeight + gapY),
    }));
  });
  const boxOf = new Map(boxes.map((box) => [box.layer, box]));
  const lines = [...edges].sort().map(([pair, count]) => {
    const [from, to] = pair.split(' ').map((layer) => boxOf.get(layer));
    return from === undefined || to === undefined ? '' : edgeSvg(from, to, count);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Layers of Plimsoll and the imports between them">`,
    '<style>.box{fill:#f4f6f8;stroke:#5b6b7a}.name{font:600 14px system-ui,sans-serif;fill:#17212b}.edge{fill:none;stroke:#2f6f9f;opacity:.55}@media(prefers-color-scheme:dark){.box{fill:#1b252f;stroke:#8fa3b5}.name{fill:#e8eef3}.edge{stroke:#7db7e0}}</style>',
    ...lines,
    ...boxes.map(boxSvg),
    '</svg>',
    '',
  ].join('\n');
}

function boxSvg({ layer, x, y }: Box): string {
  const centre = x + boxWidth / 2;
  return (
    `<rect class="box" x="${x}" y="${y}" width="${boxWidth}" height="${boxHeight}" rx="6"/>` +
    `<text class="name" x="${centre}" y="${y + 31}" text-anchor="middle">${layer}</text>`
  );
}

/** From the lower edge of one box to the upper edge of the other, bent so that lines over several rows stay apart. */
function edgeSvg(from: Box, to: Box, count: number): string {
  const fromX = from.x + boxWidth / 2 + spread(to.layer);
  const toX = to.x + boxWidth / 2 + spread(from.layer);
  const fromY = from.y + boxHeight;
  const middleY = (fromY + to.y) / 2;
  const weight = 1 + Math.floor(Math.log2(count) / 3);
  return `<path class="edge" stroke-width="${weight}" d="M${fromX} ${fromY} C${fromX} ${middleY} ${toX} ${middleY} ${toX} ${to.y}"><title>${from.layer} imports ${to.layer}</title></path>`;
}

/** A fixed sideways offset per layer, so that lines into one box do not end on one point. */
function spread(layer: string): number {
  const order = rows.flat();
  return ((order.indexOf(layer) * 37) % 100) - 50;
}
