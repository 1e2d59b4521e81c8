import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Axis, Release } from '../../core/rollout/release.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CliCommand, CommandResult } from '../command.ts';
import { addSigningOption } from '../signing-option.ts';
import { releaseResult } from '../follow/release-result.ts';
import { releaseNumber } from './release-number.ts';

interface RollbackOptions {
  readonly model?: boolean;
  readonly code?: boolean;
  readonly to?: string;
  readonly reason?: string;
  readonly emergency?: boolean;
  readonly drill?: boolean;
  readonly wait: boolean;
}

export const command: CliCommand = {
  signs: true,
  configure(command) {
    addSigningOption(command)
      .option('--model', 'return the model to where it was; the code stays')
      .option('--code', 'return the code to where it was; the model stays')
      .option('--to <release>', 'to the one of this release, instead of the newest other one that carried traffic')
      .option('--reason <text>', 'why; it stands on the bar of the digest that is left')
      .option(
        '--drill',
        'show on the live service that a way back is there: to the previous model, verified by its golden set, and back again',
      )
      .option(
        '--emergency',
        'also when the store does not answer and the lease has run out: you answer for it that no other control plane acts',
      )
      .option('--no-wait', 'do not wait until the rollback is live or failed');
  },
  examples: [
    [
      'plimsoll rollback --model --reason "accuracy fell"',
      'the previous model with the present code, and bars the one that is left',
    ],
    ['plimsoll rollback --drill', 'proves the way back on the live service, and writes the evidence of it'],
    ['plimsoll rollback --code --to 4', 'the code of release 4 with the present model'],
  ],
  async run(context, input) {
    const options = input.options as unknown as RollbackOptions;
    if (options.drill === true) return (await import('./rollback-drill.ts')).drill(context, options);
    const axis = axisOf(options);
    const to = options.to === undefined ? {} : { to: releaseNumber(options.to) };
    const { contract } = await (await context.project()).contract();
    const environment = await context.environment();
    const operations = await context.operations();
    const reason = options.reason?.trim() ?? '';
    const release = await operations.rollback({
      service: contract.service,
      environment,
      axis,
      ...to,
      reason: reason === '' ? 'no reason was given' : reason,
      ...(options.emergency === true ? { emergency: true } : {}),
    });
    if (release.journaled !== undefined) return journaledResult(release, release.journaled);
    return releaseResult(context, release, options.wait);
  },
};

/** Nobody can be asked what becomes of it: the gateways have the new table, and the store is away. */
function journaledResult(release: Release, id: string): CommandResult {
  const text = [
    `release ${release.number}: model ${release.model.name} version ${release.model.version}: traffic is moved to its warm replicas`,
    'the store does not answer: this stands in the journal, and is carried over when it answers again',
    'next: bring the store back; plimsoll history --kind rollback then says what became of it',
  ];
  return { exit: 0, json: { release, outcome: 'journaled', journaled: id }, text: text.join('\n') };
}

function axisOf({ model, code }: RollbackOptions): Axis {
  if (model === true && code !== true) return 'model';
  if (code === true && model !== true) return 'code';
  throw new PlimsollError({
    code: 'axis-missing',
    category: 'input',
    message: 'say which axis to roll back: --model or --code (one at a time)',
    next: nextStep(cliSteps, 'axis-missing'),
  });
}
