import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { drillModel, type DrillOutcome } from '../../prove/drill/drill-model.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { exitStatusOfVerdict } from '../exit-status.ts';
import { releaseNumber } from './release-number.ts';

export interface DrillOptions {
  readonly code?: boolean;
  readonly to?: string;
  readonly reason?: string;
}

/** Exit by the verdict on the drill: 0 the way back is there, 1 it is not, 3 that is not decided. */
export async function drill(context: CliContext, { code, to, reason }: DrillOptions): Promise<CommandResult> {
  if (code === true) throw axisFixed();
  const project = await context.project();
  await project.contract();
  const environment = await context.environment();
  if ((await context.controlPlane()) === null) throw notRunning();
  const outcome = await drillModel(context, {
    project,
    environment,
    reason: reason === undefined ? 'drill' : `drill: ${reason}`,
    ...(to === undefined ? {} : { to: releaseNumber(to) }),
  });
  return drillResult(outcome, environment);
}

function drillResult({ judgement, measurements, recorded }: DrillOutcome, environment: string): CommandResult {
  const text = [
    `drill: ${judgement.verdict}: ${judgement.reasons.join('; ')}`,
    recorded ? 'recorded in plimsoll.lock' : `not recorded: the lock does not pin ${environment}`,
    ...(judgement.verdict === 'pass' ? ['next: git add plimsoll.lock'] : ['next: plimsoll history']),
  ].join('\n');
  return { exit: exitStatusOfVerdict(judgement.verdict), json: { ...judgement, measurements, recorded }, text };
}

function axisFixed(): PlimsollError {
  return new PlimsollError({
    code: 'drill-of-code',
    category: 'input',
    message: 'a drill is of the model: rollback evidence is of two model versions',
    next: nextStep(cliSteps, 'drill-of-code'),
  });
}

function notRunning(): PlimsollError {
  return new PlimsollError({
    code: 'control-plane-away',
    category: 'unavailable',
    message: 'a drill is done on the live service, and no control plane runs',
    next: nextStep(cliSteps, 'control-plane-away'),
  });
}
