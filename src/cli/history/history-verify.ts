import path from 'node:path';
import type { Command } from 'commander';
import type { ChainReport } from '../../core/records/audit/verify-chain.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { shortDigest } from '../../core/units/digest.ts';
import { appendAnchor, readAnchors } from '../../prove/audit/anchor-file.ts';
import { verifyHistory } from '../../prove/audit/verify-history.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';

export function configureVerify(verify: Command): void {
  verify
    .description('verify the hash chain of all events in the store; with anchors also that nothing was cut off')
    .option('--anchor <file>', 'hashes that were kept outside of the store');
}

export function configureAnchor(anchor: Command): void {
  anchor
    .description('append the newest hash of the chain to a file, which belongs outside of the store')
    .requiredOption('--anchor <file>', 'the file; it is made where it is missing');
}

/** Exit 1 where something was changed, 0 where the chain holds. */
export async function runHistoryVerify(context: CliContext, { options }: CommandInput): Promise<CommandResult> {
  const file = options['anchor'];
  const anchors = typeof file === 'string' ? await readAnchors(path.resolve(context.cwd, file)) : [];
  const report = await verifyHistory(await context.store(), anchors, context.signal);
  return { exit: report.problemCount === 0 ? 0 : 1, json: report, text: reportText(report, typeof file === 'string') };
}

export async function runHistoryAnchor(context: CliContext, { options }: CommandInput): Promise<CommandResult> {
  const file = String(options['anchor']);
  const head = await (await context.store()).chainHead();
  if (head === null) {
    throw new PlimsollError({
      code: 'nothing-to-anchor',
      category: 'unavailable',
      message: 'the store has no event yet that is in the chain',
      next: 'plimsoll release',
    });
  }
  await appendAnchor(path.resolve(context.cwd, file), { ...head, atMs: context.clock.nowMs() });
  return { exit: 0, json: head, text: `event ${head.seq} (${shortDigest(head.hash)}) is anchored in ${file}` };
}

function reportText(report: ChainReport, hasAnchors: boolean): string {
  const { problems, problemCount, sealed, sealedLate, before, open, head, anchorsChecked } = report;
  const notes = [
    ...(sealedLate === 0
      ? []
      : [`${sealedLate} were sealed after they were recorded: by an import, or an older version`]),
    ...(before === 0 ? [] : [`${before} are older than the chain, and nobody can tell whether they were changed`]),
    ...(open === 0 ? [] : [`${open} are not sealed yet; the next event seals them`]),
    ...(hasAnchors ? [`${anchorsChecked} anchors were held against the chain`] : []),
    ...(hasAnchors
      ? []
      : ['without --anchor FILE an end that was cut off, or a chain that was made anew, is not found']),
  ];
  if (problemCount === 0) {
    const upTo = head === null ? '' : `, up to event ${head.seq} (${shortDigest(head.hash)})`;
    return [`the chain holds: ${sealed} events${upTo}`, ...notes.map((note) => `  ${note}`)].join('\n');
  }
  const more = problemCount - problems.length;
  return [
    `the chain is broken: ${problemCount} problem${problemCount === 1 ? '' : 's'} in ${sealed} events that hold`,
    ...problems.map((problem) => `  ${problem}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    'next: compare with a backup (plimsoll store verify), and find out who writes to the store',
  ].join('\n');
}
