import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { isOpenAsk } from '../../core/rollout/release-ask.ts';
import { shortDigest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';

/** Takes back the request for a release that is not decided yet. */
export async function cancelRelease(context: CliContext, given: string | undefined): Promise<CommandResult> {
  const { contract } = await (await context.project()).contract();
  const { service } = contract;
  const environment = await context.environment();
  const operations = await context.operations();
  const { asks = [] } = await operations.view(service, environment);
  const ask = asks.find(isOpenAsk);
  if (ask === undefined) {
    throw new PlimsollError({
      code: 'no-open-request',
      category: 'not-found',
      message: `no request to release ${service} in ${environment} is open`,
      next: nextStep(cliSteps, 'no-open-request'),
    });
  }
  const reason = given?.trim() || `cancelled by ${context.user}`;
  const cancelled = await operations.cancelAsk({ service, environment, id: ask.id, reason });
  const wasFetching = ask.state === 'fetching' ? '; its model is not fetched any more' : '';
  return {
    exit: 0,
    json: { ask: cancelled },
    text: `the request to release bundle ${shortDigest(ask.bundle)}, of ${ask.by}, is cancelled${wasFetching}\nnext: plimsoll status`,
  };
}
