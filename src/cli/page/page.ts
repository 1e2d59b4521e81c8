import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CliCommand } from '../command.ts';

export const command: CliCommand = {
  configure(command) {
    command.option('--open', 'open it in a browser');
  },
  examples: [
    ['plimsoll page', 'a link that signs one browser in to the page, once and within ten minutes'],
    ['plimsoll page --open', 'the same, opened in a browser'],
  ],
  async run(context, { options }) {
    const link = await context.pageLink();
    if (link === null) {
      throw new PlimsollError({
        code: 'control-plane-missing',
        category: 'unavailable',
        message: 'no control plane runs here',
        next: nextStep(cliSteps, 'control-plane-missing'),
      });
    }
    const trouble = options['open'] === true ? await context.openPage(link) : null;
    if (trouble !== null) context.terminal.note(trouble);
    return { exit: 0, json: { link }, text: link };
  },
};
