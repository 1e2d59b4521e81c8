import type { Command } from 'commander';
import type { FeatureSkew, Skew, SkewTerms } from '../../core/monitoring/skew/skew.ts';
import { readPercent } from '../../core/units/quantity/quantity-percent.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';
import { compareTables, joinWords, optionInvalid, readJoin } from './skew-join.ts';
import { readSkewTable } from './skew-rows.ts';
import { readSkewView } from './skew-view.ts';

const confidenceShare = 0.95;
const exits = { pass: 0, fail: 1, inconclusive: 3, unknown: 3 } as const;

export function configureSkew(drift: Command): void {
  drift
    .command('skew')
    .description('compares features of the same entities that were computed for training and for serving')
    .argument('<offline>', 'a file of features as training has them: .csv, .jsonl or .parquet')
    .argument('<online>', 'a file of the same features as the service has them')
    .option('--key <columns>', 'column that tells an entity; several with commas')
    .option('--view <name>', 'feature view or service of Feast in the lock: says key, features and age of values')
    .option('--features <columns>', 'compare these features alone; several with commas')
    .option('--time <columns>', 'column of the event time: OFFLINE,ONLINE where the names differ')
    .option('--as-of <time>', 'when the online values were read, where their file has no time')
    .option('--max-age <duration>', 'an offline value that is older is missing')
    .option('--tolerance <number>', 'numbers are the same up to this, and up to this times their size', '0.000001')
    .option('--allowed <share>', 'how many entities may differ in a feature', '1%');
}

/** Exit 1 where a feature differs, 3 where that is not known. */
export async function runSkew(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const [offlineFile = '', onlineFile = ''] = args;
  const terms = termsOf(options);
  const view = options['view'] === undefined ? null : await readSkewView(context, String(options['view']));
  const join = readJoin(options, view);
  const offline = await readSkewTable(offlineFile, join.offline, context.cwd, context.signal);
  const online = await readSkewTable(onlineFile, join.online, context.cwd, context.signal);
  const skew = compareTables(offline, online, join, terms);
  const { asOfMs, maxAgeMs } = join;
  const json = { ...skew, ...terms, asOfMs, maxAgeMs };
  return { exit: exits[skew.verdict], json, text: textOfLines(skewLines(skew, terms, joinWords(join))) };
}

function termsOf({ tolerance, allowed }: CommandInput['options']): SkewTerms {
  const number = Number(tolerance);
  if (String(tolerance).trim() === '' || !(number >= 0 && number <= 1e9)) {
    throw optionInvalid('--tolerance is a number from 0', tolerance);
  }
  const share = readPercent(String(allowed));
  if (!share.ok || share.value >= 1) throw optionInvalid('--allowed is a percentage below 100%', allowed);
  return { tolerance: number, allowedShare: share.value, confidenceShare };
}

function skewLines(skew: Skew, { allowedShare }: SkewTerms, joined: string): readonly string[] {
  const rows = skew.features.map(({ feature, verdict, differ, reason }) => [feature, verdict, String(differ), reason]);
  return [
    `${skew.verdict}: ${skew.entities} entities on both sides; ${allowedShare * 100}% of them may differ in a feature${joined}`,
    ...sideLine(skew.onlyOffline, 'offline', skew.examplesOnlyOffline),
    ...sideLine(skew.onlyOnline, 'online', skew.examplesOnlyOnline),
    '',
    ...alignedTable([['feature', 'verdict', 'differ', 'because'], ...rows]),
    ...skew.features.flatMap(exampleLines),
  ];
}

const sideLine = (count: number, side: string, examples: readonly string[]): readonly string[] =>
  count === 0 ? [] : [`${count} ${side} alone, such as ${examples.join(', ')}`];

function exampleLines({ feature, examples, missingOffline, missingOnline, typesDiffer, types }: FeatureSkew) {
  if (examples.length === 0) return [];
  const facts = [
    ...(missingOffline > 0 ? [`${missingOffline} missing offline`] : []),
    ...(missingOnline > 0 ? [`${missingOnline} missing online`] : []),
    ...(typesDiffer > 0
      ? [`${typesDiffer} of another type: ${types.offline.join(', ')} offline, ${types.online.join(', ')} online`]
      : []),
  ];
  return [
    '',
    `${feature}${facts.length === 0 ? '' : `: ${facts.join('; ')}`}`,
    ...examples.map(({ key, offline, online }) => `  ${key}: ${shown(offline)} offline, ${shown(online)} online`),
  ];
}

const shown = (value: unknown): string => (value === null ? 'missing' : JSON.stringify(value).slice(0, 60));
