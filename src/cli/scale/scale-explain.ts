import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { policyNamed } from '../../core/scaling/acting/acting-policies.ts';
import { replayScaling, type ScalingRecord } from '../../core/scaling/acting/scaling-record.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { utcText } from '../terminal/time-text.ts';
import { doubtRows, groundRows, learnedRows, scaledReplicasText, short, signalsText, toldOf } from './scale-text.ts';
import { alignedTable } from '../terminal/table.ts';

export function configureScaleExplain(scale: Command): void {
  scale
    .command('explain')
    .description('decide a recorded decision again: what it saw, why, and whether it comes out the same')
    .argument(
      '[decision]',
      'its number, as `plimsoll history --kind scaling.decided --json` shows; the newest otherwise',
    )
    .option('--last <count>', 'the newest of them, at most 200');
}

interface Explained {
  readonly seq: number;
  readonly record: ScalingRecord;
  readonly identical: boolean;
  readonly differences: readonly string[];
}

/** Exit 1 when one of them does not come out the same: another version of the policy, or a record that was changed. */
export async function runScaleExplain(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const { contract } = await (await context.project()).contract();
  const scope = { service: contract.service, environment: await context.environment() };
  const operations = await context.operations();
  const asked = await askedFor(operations, scope, args[0], options['last']);
  const explained: Explained[] = [];
  for (const seq of asked) explained.push(explain(await operations.scalingDecision({ ...scope, seq })));
  const [only] = explained;
  const text = explained.length === 1 && only !== undefined ? oneText(only) : manyText(explained);
  return {
    exit: explained.every(({ identical }) => identical) ? 0 : 1,
    json: { decisions: explained },
    text: text.join('\n'),
  };
}

async function askedFor(
  operations: Operations,
  scope: { readonly service: string; readonly environment: string },
  seq: string | undefined,
  last: unknown,
): Promise<readonly number[]> {
  if (seq !== undefined && last !== undefined) throw wrongOption('name one decision or --last, not both');
  if (seq !== undefined) return [numberOf(seq, 'the number of a decision', 9_007_199_254_740_991)];
  const count = last === undefined ? 1 : numberOf(last, '--last', 200);
  const { decisions } = await operations.scaling({ ...scope, last: count });
  if (decisions.length > 0) return decisions.map((decision) => decision.seq);
  throw new PlimsollError({
    code: 'nothing-decided',
    category: 'unavailable',
    message: `no decision of scaling is recorded in ${scope.environment}`,
    next: nextStep(cliSteps, 'nothing-decided'),
  });
}

function numberOf(value: unknown, what: string, most: number): number {
  const number = typeof value === 'string' && /^[1-9]\d{0,15}$/.test(value) ? Number(value) : NaN;
  if (number <= most) return number;
  throw wrongOption(`${what} is a whole number from 1${most > 1e6 ? '' : ` to ${most}`}, not \`${String(value)}\``);
}

function wrongOption(message: string): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message,
    next: nextStep(cliSteps, 'option-invalid/scale-explain-help'),
  });
}

function explain({ seq, record }: { readonly seq: number; readonly record: ScalingRecord }): Explained {
  const policy = policyNamed(record.policy.name);
  if (policy === null) {
    const differences = [`the policy ${record.policy.name} is not one of this version`];
    return { seq, record, identical: false, differences };
  }
  const { identical, differences } = replayScaling(record, policy);
  return { seq, record, identical, differences };
}

function oneText({ seq, record, identical, differences }: Explained): readonly string[] {
  const { grounds, decision, order, ordered, policy, release } = record;
  const { input } = grounds;
  const acts = ordered === order.desired ? '' : '; not ordered, because another one writes the number';
  return [
    ...alignedTable([
      [
        'decision',
        `${seq}, ${utcText(input.nowMs)} (UTC), policy ${policy.name} of Plimsoll ${policy.plimsollVersion}`,
      ],
      ['result', `release ${release} has ${order.desired} (before: ${grounds.orderedBefore})${acts}`],
      ['reason', order.reason],
      ...(order.reason === decision.reason ? [] : [['policy', `${decision.desired}: ${decision.reason}`]]),
      ['signals', signalsText(input.signals)],
      ['replicas', scaledReplicasText(input.replicas, input.nowMs)],
      ...groundRows(input),
      ...doubtRows(record.capacityDoubt),
      ...learnedRows(decision.learned, toldOf(input), input.nowMs),
      ...Object.entries(decision.terms).map(([name, value]) => [
        '',
        `${name} ${value === null ? 'unknown' : short(value)}`,
      ]),
      ['replay', identical ? 'bit-identical' : 'DIFFERS'],
    ]),
    ...differences.map((difference) => `  ${difference}`),
  ];
}

function manyText(explained: readonly Explained[]): readonly string[] {
  return alignedTable([
    ['decision', 'when (UTC)', 'replicas', 'replay', 'reason'],
    ...explained.map(({ seq, record, identical, differences }) => [
      String(seq),
      utcText(record.grounds.input.nowMs),
      `${record.grounds.orderedBefore} -> ${record.order.desired}`,
      identical ? 'bit-identical' : 'DIFFERS',
      identical ? record.order.reason : (differences[0] ?? ''),
    ]),
  ]);
}
