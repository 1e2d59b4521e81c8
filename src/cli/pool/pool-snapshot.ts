import path from 'node:path';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { requirePoolName } from '../../core/pool/pool-name.ts';
import { mergeNodes } from '../../core/pool/snapshot/pool-merge.ts';
import { sortPool } from '../../core/pool/snapshot/pool-order.ts';
import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import type { NodeFacts } from '../../core/pool/node-facts.ts';
import { withStatedFacts, type StatedFacts } from '../../core/pool/stated-facts.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import { poolSnapshotText } from '../../schemas/pool/pool-snapshot.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { readSources, type ReadSource } from '../../prove/pool/pool-sources.ts';
import { summarizePool, unknownSummaries, type PoolSummary } from './pool-summary.ts';
import { classLines, headline, noteLines, unknownLines } from './pool-text.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

export async function runPoolSnapshot(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const [pool = '', ...named] = args;
  if (named.length === 0) throw withoutSource(pool);
  requirePoolName(pool);
  const out = typeof options['out'] === 'string' ? options['out'] : null;
  const wanted = selectorOf(options['selector']);
  const before = out === null ? await readBefore(context, pool) : null;
  const read = await readSources(context, named);
  const merged = mergeNodes(read.found);
  const stated = statedOf(options);
  const nodes = merged.nodes.filter((node) => admits(wanted, node)).map((node) => withStatedFacts(node, stated));
  const snapshot = sortPool({
    pool,
    takenAtMs: context.clock.nowMs(),
    sources: named,
    nodes,
    declared: before?.snapshot?.declared ?? [],
  });
  const file = out === null ? await (await context.pools()).write(snapshot) : await writeOut(context, out, snapshot);
  const left = merged.nodes.length - nodes.length;
  const notes = [
    ...read.notes,
    ...merged.notes,
    ...(before?.note === undefined ? [] : [before.note]),
    ...(left === 0 ? [] : [`${left} nodes without the labels of --selector are left out`]),
    ...(nodes.length === 0 ? ['no node was found: plimsoll pool declare says what would be there'] : []),
  ];
  const shownFile = path.relative(context.cwd, file) || file;
  const written = { snapshot, summary: summarizePool(snapshot), file: shownFile, sources: read.sources, notes };
  return { exit: 0, json: jsonOf(written), text: textOf(written, context.clock.nowMs()) };
}

/** With one argument it is open which of the two is missing: a file or a cluster is no name. */
function withoutSource(only: string): PlimsollError {
  const isSource = /[./]|^-$|^cluster(?::|$)|^this-machine$/.test(only);
  return new PlimsollError({
    code: 'missing-argument',
    category: 'input',
    message: isSource ? `give NAME first: \`${only}\` reads like a source` : "missing required argument 'source'",
    next: isSource
      ? nextStep(cliSteps, 'missing-argument/name', { only })
      : nextStep(cliSteps, 'missing-argument/source', { only }),
  });
}

export const statedSharing = ['exclusive', 'time-slicing', 'mps'] as const;
/** As images and Kubernetes name it, to how Node does. */
export const statedArchitecture: Readonly<Record<string, string>> = { amd64: 'x64', arm64: 'arm64' };

function statedOf(options: CommandInput['options']): StatedFacts {
  const sharing = statedSharing.find((one) => one === options['sharing']);
  const architecture = statedArchitecture[String(options['architecture'])];
  return { ...(sharing === undefined ? {} : { sharing }), ...(architecture === undefined ? {} : { architecture }) };
}

interface BeforeReading {
  readonly snapshot: PoolSnapshot | null;
  readonly note?: string;
}

/** Only what was declared is kept of the last snapshot. One that cannot be read is replaced, which is what its error advises. */
async function readBefore(context: CliContext, pool: string): Promise<BeforeReading> {
  try {
    return { snapshot: await (await context.pools()).read(pool) };
  } catch (thrown) {
    const error = asPlimsollError(thrown);
    if (error.code !== 'pool-invalid') throw thrown;
    return {
      snapshot: null,
      note: `the last snapshot could not be read, and what it declared is not kept: ${error.message}`,
    };
  }
}

type Selector = readonly (readonly [key: string, value: string])[];

function selectorOf(option: unknown): Selector {
  return (Array.isArray(option) ? option : [])
    .flatMap((text) => String(text).split(','))
    .map((text) => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1).replace(/^=/, '')] as const;
      throw new PlimsollError({
        code: 'selector-invalid',
        category: 'input',
        message: `\`${text.slice(0, 100)}\` is no label: KEY=VALUE is needed`,
        next: '--selector pool=gpu',
      });
    });
}

const admits = (selector: Selector, { labels }: NodeFacts): boolean =>
  selector.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);

async function writeOut(context: CliContext, out: string, snapshot: PoolSnapshot): Promise<string> {
  const file = path.resolve(context.cwd, out);
  try {
    await context.writeDurably(file, poolSnapshotText(snapshot), { doing: 'writing the pool', folderMustExist: true });
    return file;
  } catch (cause) {
    const { message, details } = asPlimsollError(cause);
    throw new PlimsollError({
      code: 'file-unwritable',
      category: 'input',
      message: `cannot write ${out} (${String(details['systemCode'] ?? message)})`,
      next: 'name a file in a folder that is there and that this user may write to',
      cause,
    });
  }
}

interface Written {
  readonly snapshot: PoolSnapshot;
  readonly summary: PoolSummary;
  readonly file: string;
  readonly sources: readonly ReadSource[];
  readonly notes: readonly string[];
}

function jsonOf({ snapshot, summary, file, sources, notes }: Written) {
  const { pool, takenAtMs, nodes } = snapshot;
  return { pool, file, takenAtMs, nodes: nodes.length, sources, ...summary, unknown: unknownSummaries(nodes), notes };
}

function textOf({ snapshot, summary, file, sources, notes }: Written, nowMs: number): string {
  const rows = sources.map(({ source, kind, nodes }) => [source, kind, nodes === null ? '' : String(nodes)]);
  return textOfLines([
    headline(snapshot, summary, nowMs),
    ...alignedTable([['SOURCE', 'WHAT IT IS', 'NODES'], ...rows], '  '),
    ...classLines(summary),
    ...unknownLines(snapshot),
    ...noteLines(notes),
    `wrote ${file}`,
    'next: plimsoll verify',
  ]);
}
