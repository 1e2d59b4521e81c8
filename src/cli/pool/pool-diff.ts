import { diffPools, type PoolDiff } from '../../core/pool/snapshot/pool-diff.ts';
import { shortDigest } from '../../core/units/digest.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { findSnapshot } from '../../prove/pool/pool-find.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

/** Nodes that the text shows; `--json` has all. */
const nodesShown = 40;

export async function runPoolDiff(context: CliContext, { args }: CommandInput): Promise<CommandResult> {
  const [from = '', to = ''] = args;
  const diff = diffPools(await findSnapshot(context, from), await findSnapshot(context, to));
  const moved = diff.digests[diff.decides].moved;
  return { exit: moved ? 1 : 0, json: { from, to, ...diff }, text: textOf(diff, from, to) };
}

function textOf(diff: PoolDiff, from: string, to: string): string {
  return textOfLines([`from ${from} to ${to}`, ...classLines(diff), ...nodeLines(diff), ...digestLines(diff)]);
}

function classLines({ classes }: PoolDiff): readonly string[] {
  if (classes.length === 0) return ['classes: the same'];
  const rows = classes.map(({ change, digest, description }) => [change, shortDigest(digest), description]);
  return ['classes', ...alignedTable(rows, '  ')];
}

function nodeLines({ nodes }: PoolDiff): readonly string[] {
  if (nodes.length === 0) return ['nodes: the same'];
  const rows = nodes
    .slice(0, nodesShown)
    .flatMap(({ node, change, what }) =>
      (what.length === 0 ? ['no devices'] : what).map((line, at) => (at === 0 ? [node, change, line] : ['', '', line])),
    );
  const left = nodes.length - nodesShown;
  return [
    'nodes',
    ...alignedTable(rows, '  '),
    ...(left > 0 ? [`  and ${left.toLocaleString('en-US')} more (--json has all)`] : []),
  ];
}

function digestLines({ decides, digests, stale }: PoolDiff): readonly string[] {
  const { from, to, moved } = digests[decides];
  if (!moved) {
    const other = decides === 'nvidia' && digests.cpu.moved ? '; the CPU classes moved, for services on CPUs only' : '';
    return [`digest of the classes: ${shortDigest(from)}, not moved: no evidence is stale by this${other}`];
  }
  const kinds = stale.map(({ kind, through }) => (through === null ? kind : `${kind} (by ${through})`));
  return [
    `digest of the classes: ${shortDigest(from)} -> ${shortDigest(to)}, moved`,
    `stale by this, for services with accelerator ${decides}: ${kinds.join(', ')}`,
    'next: plimsoll verify',
  ];
}
