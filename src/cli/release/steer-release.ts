import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { steerActions, type SteerAction } from '../../core/rollout/deployment/steer.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';

const orders = [...steerActions, 'cancel'] as const;
type Order = (typeof orders)[number];
type SteerOptions = Readonly<Partial<Record<Order, boolean>>>;

/** Which order the options give; null for none. @throws PlimsollError `option-invalid` for several. */
export function orderOf(options: SteerOptions): Order | null {
  const given = orders.filter((action) => options[action] === true);
  if (given.length < 2) return given[0] ?? null;
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `${given.map((action) => `--${action}`).join(' and ')} contradict each other`,
    next: 'give one of them',
  });
}

/** Gives an order to the release that comes in. One that decides something says why. */
export async function steerRelease(
  context: CliContext,
  action: SteerAction,
  given: string | undefined,
): Promise<CommandResult> {
  const reason = given?.trim() ?? '';
  if (action === 'promote' && reason === '') {
    throw new PlimsollError({
      code: 'reason-missing',
      category: 'input',
      message: '--promote needs --reason TEXT: it goes on without a proof, and history says who did that and why',
      next: nextStep(cliSteps, 'reason-missing/release-promote-reason'),
    });
  }
  const { contract } = await (await context.project()).contract();
  const environment = await context.environment();
  const operations = await context.operations();
  const answer = await operations.steerRollout({
    service: contract.service,
    environment,
    action,
    reason: reason === '' ? 'no reason was given' : reason,
  });
  return { exit: 0, json: { action, ...answer }, text: `${answer.summary}\nnext: plimsoll status` };
}
