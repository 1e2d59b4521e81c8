import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { delayOfShift, type Delay } from '../../core/monitoring/detectors/control-power.ts';
import type { DriftStatus } from '../../core/monitoring/watch/drift-status.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { alignedTable } from '../terminal/table.ts';

const usualShifts: readonly number[] = [0.25, 0.5, 1, 2];

export function configurePower(drift: Command): void {
  drift
    .command('power')
    .description('how long one replica may be off unseen, at the present traffic')
    .option('--shift <sd>', 'by how many standard deviations of its forecast one numeric feature is off');
}

export async function runPower(context: CliContext, { options }: CommandInput): Promise<CommandResult> {
  const { contract } = await (await context.project()).contract();
  const scope = { service: contract.service, environment: await context.environment() };
  const { status, because } = await (await context.operations()).drift(scope);
  const shifts = options['shift'] === undefined ? usualShifts : [shiftOf(options['shift'])];
  const delays = shifts.map((shift) => ({ shift, delay: status === null ? null : delayOf(status, shift) }));
  const { comparison, rate } = status ?? { comparison: null, rate: null };
  if (comparison === null || rate === null) {
    const text = `unknown: ${because ?? 'replicas are not compared; that takes two of them and `monitoring.falseAlarms`'}`;
    return { exit: 0, json: { comparison, because: text, delays: [] }, text };
  }
  const rows = delays.map(({ shift, delay }) => [`${shift} sd`, delay === null ? 'never' : delayText(delay)]);
  const about = `${comparison.replicas} replicas, ${Math.round(comparison.rowsPerHour)} drawn requests an hour`;
  return {
    exit: 0,
    json: { comparison, delays },
    text: [about, ...alignedTable([['one replica is off by', 'seen after about'], ...rows])].join('\n'),
  };
}

function delayOf({ comparison, rate }: DriftStatus, shift: number): Delay | null {
  if (comparison === null || rate === null) return null;
  const { replicas: arms, rowsPerHour, weight } = comparison;
  return delayOfShift({ shift, arms, rowsPerHour, rate, weight });
}

const delayText = ({ rows, ms }: Delay): string => `${rows} drawn requests, ${formatElapsed(ms)}`;

function shiftOf(value: unknown): number {
  const shift = Number(value);
  if (typeof value === 'string' && value.trim() !== '' && shift > 0 && shift <= 100) return shift;
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--shift is a number above 0 and at most 100, not \`${String(value)}\``,
    next: nextStep(cliSteps, 'option-invalid/drift-power-help'),
  });
}
