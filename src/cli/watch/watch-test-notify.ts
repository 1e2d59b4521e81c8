import type { Command } from 'commander';
import type { TestedTarget } from '../../ports/monitoring/alert-sender.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';

export function configureTestNotify(command: Command): void {
  command.description('send a marked message to each target of `monitoring.notify` of the live release');
}

export async function runTestNotify(
  context: Pick<CliContext, 'operations' | 'project' | 'environment'>,
  _input: CommandInput,
): Promise<CommandResult> {
  const { service } = (await (await context.project()).contract()).contract;
  const environment = await context.environment();
  const targets = await (await context.operations()).testNotify({ service, environment });
  const failed = targets.filter(({ isSent }) => !isSent);
  return {
    exit: targets.length === 0 ? 3 : failed.length === 0 ? 0 : 1,
    json: { service, environment, targets },
    text: textOf(targets, `${service} in ${environment}`),
  };
}

function textOf(targets: readonly TestedTarget[], name: string): string {
  if (targets.length === 0) {
    return `the live release of ${name} names no target: nobody is told of alerts\nnext: plimsoll explain monitoring.notify`;
  }
  const lines = targets.map(
    ({ target, problem }) => `${target}: ${problem === null ? 'sent' : `not sent: ${problem}`}`,
  );
  const next = targets.find((each) => each.next !== null)?.next ?? null;
  return [...lines, ...(next === null ? [] : [`next: ${next}`])].join('\n');
}
