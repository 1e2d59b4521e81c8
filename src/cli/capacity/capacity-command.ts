import type { CliCommand } from '../command.ts';
import { command as measure } from './capacity.ts';
import { configurePlan, planExamples, runPlan } from './plan/capacity-plan.ts';

/** `plimsoll capacity` measures one replica; `plimsoll capacity plan` looks ahead. */
export const command: CliCommand = {
  signs: true,
  configure(capacity) {
    measure.configure(
      capacity
        .command('measure', { isDefault: true })
        .description('measure one replica of what the lock pins, and record the evidence (the default)'),
    );
    configurePlan(capacity);
  },
  examples: [...measure.examples, ...planExamples],
  run: (context, input) => (input.path[0] === 'plan' ? runPlan(context, input) : measure.run(context, input)),
};
