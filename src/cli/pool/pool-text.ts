import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import { shortDigest } from '../../core/units/digest.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import { timeText } from '../terminal/time-text.ts';
import { summarizePool, unknownSummaries, type PoolSummary } from './pool-summary.ts';
import { alignedTable } from '../terminal/table.ts';

/** Rows that the text shows; `--json` has all. */
const rowsShown = 20;

/** `pool lab: 3 nodes, 10 devices of 2 classes, taken 2026-11-24 18:22:04Z (3h ago)`. */
export function headline(snapshot: PoolSnapshot, { classes }: PoolSummary, nowMs: number): string {
  const { pool, nodes, takenAtMs } = snapshot;
  const devices = nodes.reduce((sum, node) => sum + (node.devices?.length ?? 0), 0);
  const accelerators = classes.filter(({ accelerator }) => accelerator === 'nvidia').length;
  const age = nowMs - takenAtMs < 60_000 ? '' : ` (${formatElapsed(nowMs - takenAtMs)} ago)`;
  return `pool ${pool}: ${plural(nodes.length, 'node')}, ${plural(devices, 'device')} of ${plural(accelerators, 'class', 'classes')}, taken ${timeText(takenAtMs)}${age}`;
}

const plural = (count: number, word: string, words = `${word}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? word : words}`;

export function classLines({ classes, digests }: PoolSummary): readonly string[] {
  if (classes.length === 0) return ['no class of device is known'];
  const rows = classes
    .slice(0, rowsShown)
    .map((one) => [
      shortDigest(one.digest),
      one.accelerator === 'cpu' ? '-' : String(one.devices),
      String(one.nodes),
      one.certainty ?? '-',
      one.description,
    ]);
  const decides = classes.some(({ accelerator }) => accelerator === 'nvidia') ? digests.nvidia : digests.cpu;
  return [
    ...alignedTable([['CLASS', 'DEVICES', 'NODES', 'CERTAINTY', 'WHAT'], ...rows], '  '),
    ...more(classes.length),
    `digest of the classes: ${shortDigest(decides)}`,
  ];
}

export function unknownLines({ nodes }: PoolSnapshot): readonly string[] {
  const unknown = unknownSummaries(nodes);
  if (unknown.length === 0) return [];
  const rows = unknown.slice(0, rowsShown).map(({ fact, reason, nodes: count }) => [fact, String(count), reason]);
  return ['not known', ...alignedTable([['FACT', 'NODES', 'WHY'], ...rows], '  '), ...more(unknown.length)];
}

export function nodeLines({ nodes, takenAtMs }: PoolSnapshot): readonly string[] {
  const rows = nodes
    .slice(0, rowsShown)
    .map((node) => [
      node.name,
      node.source,
      node.devices === null ? 'not known' : String(node.devices.length),
      [...new Set(node.devices?.map(({ product }) => product ?? 'not known') ?? [])].join(', ') || '-',
      [...new Set(node.devices?.map(({ driver }) => driver ?? 'not known') ?? [])].join(', ') || '-',
      node.takenAtMs === null ? 'not dated' : node.takenAtMs === takenAtMs ? 'with the pool' : timeText(node.takenAtMs),
    ]);
  if (rows.length === 0) return ['no nodes'];
  const header = ['NODE', 'SOURCE', 'DEVICES', 'PRODUCT', 'DRIVER', 'TAKEN'];
  return [...alignedTable([header, ...rows], '  '), ...more(nodes.length)];
}

export function declaredLines({ declared }: PoolSnapshot): readonly string[] {
  if (declared.length === 0) return [];
  const rows = summarizePool({ pool: '', takenAtMs: 0, sources: [], nodes: [], declared }).classes.map((one) => {
    const entry = declared.find(({ deviceClass }) => deviceClass === one.deviceClass);
    const labels = Object.entries(entry?.labels ?? {}).map(([key, value]) => `${key}=${value}`);
    return [shortDigest(one.digest), String(entry?.devicesPerNode ?? ''), labels.join(' ') || '-', one.description];
  });
  return ['declared', ...alignedTable([['CLASS', 'DEVICES PER NODE', 'LABELS', 'WHAT'], ...rows], '  ')];
}

export const noteLines = (notes: readonly string[]): readonly string[] => notes.map((note) => `note: ${note}`);

const more = (count: number): readonly string[] =>
  count > rowsShown ? [`  and ${(count - rowsShown).toLocaleString('en-US')} more (--json has all)`] : [];
