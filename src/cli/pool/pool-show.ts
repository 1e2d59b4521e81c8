import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { findSnapshot } from '../../prove/pool/pool-find.ts';
import { summarizePool, unknownSummaries } from './pool-summary.ts';
import { classLines, declaredLines, headline, nodeLines, unknownLines } from './pool-text.ts';
import { timeText } from '../terminal/time-text.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

export async function runPoolShow(context: CliContext, { args }: CommandInput): Promise<CommandResult> {
  const [asked = ''] = args;
  const snapshot = await findSnapshot(context, asked);
  const { pool, takenAtMs, sources, nodes, declared } = snapshot;
  const summary = summarizePool(snapshot);
  const json = { pool, takenAtMs, sources, ...summary, nodes, declared, unknown: unknownSummaries(nodes) };
  const text = [
    headline(snapshot, summary, context.clock.nowMs()),
    `from ${sources.join(', ') || 'no source: it was only declared'}`,
    ...classLines(summary),
    ...declaredLines(snapshot),
    ...nodeLines(snapshot),
    ...unknownLines(snapshot),
  ];
  return { exit: 0, json, text: textOfLines(text) };
}

export async function runPoolList(context: CliContext): Promise<CommandResult> {
  const pools = await context.pools();
  const names = await pools.names();
  const found = [];
  for (const name of names) {
    const snapshot = await pools.read(name);
    if (snapshot !== null) found.push(snapshot);
  }
  const json = found.map(({ pool, takenAtMs, nodes, declared }) => ({
    pool,
    takenAtMs,
    nodes: nodes.length,
    declared: declared.length,
  }));
  if (json.length === 0)
    return { exit: 0, json: { pools: [] }, text: 'no pools\nnext: plimsoll pool snapshot NAME SOURCE...' };
  const rows = json.map((one) => [one.pool, String(one.nodes), String(one.declared), timeText(one.takenAtMs)]);
  return {
    exit: 0,
    json: { pools: json },
    text: textOfLines(alignedTable([['POOL', 'NODES', 'DECLARED', 'TAKEN'], ...rows])),
  };
}
