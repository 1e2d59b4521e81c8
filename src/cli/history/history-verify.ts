import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { ChainAnchor, ChainReport } from '../../core/records/audit/verify-chain.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { shortDigest } from '../../core/units/digest.ts';
import { readAnchorPlace, readAnchorsAt } from '../../prove/audit/anchor-places.ts';
import { verifyHistory } from '../../prove/audit/verify-history.ts';
import type { OpenAnchors } from '../../ports/records/anchors.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';

export function configureVerify(verify: Command): void {
  verify
    .description('verify the hash chain of all events in the store; with anchors also that nothing was cut off')
    .option(
      '--anchor <place>',
      'where hashes were kept: a file, syslog:FILE or oci://HOST/REPOSITORY; several',
      several,
      [],
    );
}

export function configureAnchor(anchor: Command): void {
  anchor
    .description('keep the newest hash of the chain at a place outside of the store')
    .requiredOption('--anchor <place>', 'a file, `syslog:` for the log of this machine, or oci://HOST/REPOSITORY');
}

/** Exit 1 where something was changed, 0 where the chain holds. */
export async function runHistoryVerify(context: CliContext, { options }: CommandInput): Promise<CommandResult> {
  const named = options['anchor'] as readonly string[];
  const anchors: ChainAnchor[] = [];
  const places: string[] = [];
  for (const written of named) {
    const read = await readAnchorsAt(written, context.cwd, lazyAnchors(context), context.signal);
    anchors.push(...read.anchors);
    if (read.note !== null) places.push(read.note);
  }
  const report = await verifyHistory(await context.store(), anchors, context.signal);
  const text = reportText(report, named.length > 0, places);
  return { exit: report.problemCount === 0 ? 0 : 1, json: report, text };
}

const several = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** What opens registries and logs is loaded only where one is named. */
function lazyAnchors(context: CliContext): OpenAnchors {
  return {
    syslog: async (socket) => (await context.anchors()).syslog(socket),
    oci: async (repository) => (await context.anchors()).oci(repository),
  };
}

export async function runHistoryAnchor(context: CliContext, { options }: CommandInput): Promise<CommandResult> {
  const file = String(options['anchor']);
  const head = await (await context.store()).chainHead();
  if (head === null) {
    throw new PlimsollError({
      code: 'nothing-to-anchor',
      category: 'unavailable',
      message: 'the store has no event yet that is in the chain',
      next: nextStep(cliSteps, 'nothing-to-anchor'),
    });
  }
  const place = await readAnchorPlace(file, context.cwd).open(lazyAnchors(context));
  try {
    await place.append({ ...head, atMs: context.clock.nowMs() }, context.signal);
  } finally {
    await place.close();
  }
  return { exit: 0, json: head, text: `event ${head.seq} (${shortDigest(head.hash)}) is anchored in ${file}` };
}

function reportText(report: ChainReport, hasAnchors: boolean, places: readonly string[]): string {
  const { problems, problemCount, sealed, sealedLate, before, open, head, anchorsChecked } = report;
  const notes = [
    ...(sealedLate === 0
      ? []
      : [`${sealedLate} were sealed after they were recorded: by an import, or an older version`]),
    ...(before === 0 ? [] : [`${before} are older than the chain, and nobody can tell whether they were changed`]),
    ...(open === 0 ? [] : [`${open} are not sealed yet; the next event seals them`]),
    ...(hasAnchors ? [`${anchorsChecked} anchors were held against the chain`] : []),
    ...places,
    ...(hasAnchors
      ? []
      : ['without --anchor PLACE an end that was cut off, or a chain that was made anew, is not found']),
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
