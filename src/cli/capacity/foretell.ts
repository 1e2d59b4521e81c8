import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { foretellRate, type NothingForetold } from '../../core/capacity/mix/foretell-rate.ts';
import { capacityObjective } from '../../core/contract/objective/capacity-objective.ts';
import { judgeCapacity } from '../../core/evidence/kinds/capacity/capacity-evidence.ts';
import { rateText } from '../../core/evidence/kinds/capacity/sustained-rate.ts';
import type { Protocol } from '../../core/contract/contract.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readMix, suggestForetold } from '../../prove/capacity/mix/read-mix.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';

/**
 * Tells the rate of another mix from the capacity evidence of the lock, without starting a replica.
 * @throws PlimsollError `option-invalid` (input), `capacity-no-surface` (not-found), and as `readMix`.
 */
export async function foretell(context: CliContext, mixText: string | undefined): Promise<CommandResult> {
  const [project, environment] = await Promise.all([context.project(), context.environment()]);
  const { contract } = await project.contract();
  if (mixText === undefined) throw mixMissing(contract.code.protocol);
  const evidence = (await project.lock())?.environments[environment]?.evidence.capacity;
  const of = { service: contract.service, environment, protocol: contract.code.protocol, isForetold: true } as const;
  const mix = await readMix(context, of, mixText);
  const measurements = evidence?.measurements ?? {};
  const told = foretellRate(measurements, capacityObjective(contract), mix.summary);
  if (told.kind !== 'foretold') throw nothingForetold(told, judgeCapacity(measurements, contract).reasons);
  const off =
    told.errorShare === null ? 'an error that is not known' : `an error of ${percent(told.errorShare)} on average`;
  return {
    exit: 0,
    json: {
      service: contract.service,
      environment,
      mix: { source: mix.source, of: mix.of, summary: mix.summary },
      perSecond: told.perSecond,
      measuredPerSecond: told.measuredPerSecond,
      costRatio: told.costRatio,
      errorShare: told.errorShare,
    },
    text: [
      `${rateText(told.perSecond)} by one replica are expected for ${mix.of}`,
      `  a request costs ${told.costRatio.toPrecision(3)} times one of the measured mix, which sustains ${rateText(told.measuredPerSecond)}`,
      `  foretold by the surface of the evidence, with ${off}; nothing was measured`,
      `next: plimsoll capacity --mix '${mixText}' measures it`,
    ].join('\n'),
  };
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))}%`;

function mixMissing(protocol: Protocol): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: '--foretell tells the rate of a mix, and --mix names none',
    next: suggestForetold(protocol),
  });
}

/** @param reasons of the verdict on the evidence: why it shows no rate. */
function nothingForetold(nothing: NothingForetold, reasons: readonly string[]): PlimsollError {
  return new PlimsollError({
    code: 'capacity-no-surface',
    category: 'not-found',
    message: whyNothing(nothing, reasons),
    next: nextStep(cliSteps, 'capacity-no-surface'),
    details: { because: nothing.kind },
  });
}

function whyNothing(nothing: NothingForetold, reasons: readonly string[]): string {
  switch (nothing.kind) {
    case 'no-surface':
      return 'plimsoll.lock holds no capacity evidence of a mix, with costs of its requests';
    case 'other-sizes':
      return `the mix of the capacity evidence says nothing of other ${nothing.dimension}: they did not vary while it was measured`;
    case 'no-rate':
      return `the capacity evidence shows no rate that another could be told from: ${reasons.join('; ')}`;
  }
}
