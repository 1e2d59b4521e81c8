import type { Command } from 'commander';
import { compareSkew, type FeatureSkew, type Skew, type SkewTerms } from '../../core/monitoring/skew/skew.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readPercent } from '../../core/units/quantity/quantity-percent.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';
import { readSkewTable, type SkewTable } from './skew-rows.ts';

const confidenceShare = 0.95;
const exits = { pass: 0, fail: 1, inconclusive: 3, unknown: 3 } as const;

export function configureSkew(drift: Command): void {
  drift
    .command('skew')
    .description('compares features of the same entities that were computed for training and for serving')
    .argument('<offline>', 'a file of features as training has them: .csv, .jsonl or .parquet')
    .argument('<online>', 'a file of the same features as the service has them')
    .requiredOption('--key <columns>', 'column that tells an entity; several with commas')
    .option('--tolerance <number>', 'numbers are the same up to this, and up to this times their size', '0.000001')
    .option('--allowed <share>', 'how many entities may differ in a feature', '1%');
}

/** Exit 1 where a feature differs, 3 where that is not known. */
export async function runSkew(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const [offlineFile = '', onlineFile = ''] = args;
  const terms = termsOf(options);
  const key = String(options['key'])
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (key.length === 0) throw optionInvalid('--key names a column', options['key']);
  const offline = await readSkewTable(offlineFile, key, context.cwd, context.signal);
  const online = await readSkewTable(onlineFile, key, context.cwd, context.signal);
  const skew = compareTables(offline, online, terms);
  return { exit: exits[skew.verdict], json: { ...skew, ...terms }, text: textOfLines(skewLines(skew, terms)) };
}

function compareTables(offline: SkewTable, online: SkewTable, terms: SkewTerms): Skew {
  const comparison = compareSkew({ offline: offline.columns, online: online.columns }, terms);
  for (const [key, row] of offline.rows) comparison.add(key, row, online.rows.get(key) ?? null);
  for (const [key, row] of online.rows) if (!offline.rows.has(key)) comparison.add(key, null, row);
  return comparison.judge();
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

function skewLines(skew: Skew, { allowedShare }: SkewTerms): readonly string[] {
  const rows = skew.features.map(({ feature, verdict, differ, reason }) => [feature, verdict, String(differ), reason]);
  return [
    `${skew.verdict}: ${skew.entities} entities on both sides; ${allowedShare * 100}% of them may differ in a feature`,
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

function optionInvalid(what: string, value: unknown): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `${what}, not \`${String(value)}\``,
    next: 'plimsoll drift skew --help',
  });
}
