import {
  termKeys,
  type EnvironmentPolicy,
  type EnvironmentRecord,
} from '../../core/fleet/environment/environment-record.ts';
import { formatDuration } from '../../core/units/quantity/quantity-duration.ts';
import { formatCountRate } from '../../core/units/quantity/quantity-rate.ts';
import { writtenPrices } from '../../schemas/prices/price-book-yaml.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { yamlOf, type YamlValue } from '../../protocols/yaml-text/yaml.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';
import { timeText } from '../terminal/time-text.ts';
import { writtenKey } from '../../core/trust/trust-texts.ts';

export async function runEnvironmentShow(context: CliContext, { args }: CommandInput): Promise<CommandResult> {
  const environment = args[0] ?? (await context.environment());
  const records = await (await context.operations()).environmentRecords();
  const record = records.find((each) => each.environment === environment) ?? null;
  const none = [
    `${environment} has no record: prices, pool and platform are those of each contract.`,
    `next: plimsoll environment set ${environment} --file environment.yaml`,
  ].join('\n');
  return { exit: 0, json: { environment, record }, text: record === null ? none : recordText(record) };
}

export async function runEnvironmentList(context: CliContext): Promise<CommandResult> {
  const environments = await (await context.operations()).environmentRecords();
  if (environments.length === 0) {
    const text = 'no environment has a record\nnext: plimsoll environment set NAME --file environment.yaml';
    return { exit: 0, json: { environments }, text };
  }
  const rows = environments.map((record) => [
    record.environment,
    String(record.version),
    termKeys.filter((key) => record[key] !== undefined).join(', ') || '(says nothing)',
    record.by,
    timeText(record.atMs),
  ]);
  const head = ['ENVIRONMENT', 'VERSION', 'KEYS', 'SET BY', 'AT'];
  return { exit: 0, json: { environments }, text: textOfLines(alignedTable([head, ...rows])) };
}

/** A file that `environment set` reads, under a comment with the version. */
export function recordText({ environment, version, by, atMs, ...terms }: EnvironmentRecord): string {
  const { prices, pool, policy, warmPool, ...plain } = terms;
  const written: Readonly<Record<string, unknown>> = {
    ...plain,
    ...(prices === undefined ? {} : { prices: writtenPrices(prices) }),
    ...(pool === undefined ? {} : { pool }),
    ...(policy === undefined ? {} : { policy: writtenPolicy(policy) }),
    ...(warmPool === undefined ? {} : { warmPool }),
  };
  const head = `# the record of ${environment}, version ${version} (${by}, ${timeText(atMs)})`;
  return `${head}\n${yamlOf(written as YamlValue)}`;
}

const writtenPolicy = ({ falseAlarms, longestWaiverMs, keys, ...rest }: EnvironmentPolicy): object => ({
  ...rest,
  ...(longestWaiverMs === undefined ? {} : { longestWaiver: formatDuration(longestWaiverMs) }),
  ...(keys === undefined ? {} : { keys: keys.map(writtenKey) }),
  ...(falseAlarms === undefined ? {} : { falseAlarms: formatCountRate(falseAlarms) }),
});
