import type { Command } from 'commander';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { ReplicaView, ScalingDecisionView, ScalingView } from '../../schemas/view/view.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { utcText } from '../terminal/time-text.ts';
import { doubtRows, learnedRows, signalsText } from './scale-text.ts';
import { alignedTable } from '../terminal/table.ts';

export function configureScaleStatus(scale: Command): void {
  scale.command('status').description('signals now, replicas by state, and the last decision with its reason');
}

export async function runScaleStatus(context: CliContext): Promise<CommandResult> {
  const { contract } = await (await context.project()).contract();
  const scope = { service: contract.service, environment: await context.environment() };
  const operations = await context.operations();
  const [{ replicas, nowMs }, { scaling, decisions }] = [
    await operations.view(scope.service, scope.environment),
    await operations.scaling({ ...scope, last: 1 }),
  ];
  const last = decisions.at(-1) ?? null;
  const rows = [
    ['service', `${scope.service} in ${scope.environment}`],
    ...(scaling === null ? unwatchedRows((await context.controlPlane()) !== null) : watchedRows(scaling, nowMs)),
    ['replicas', replicasText(replicas)],
    ...(last === null ? [['decided', 'nothing yet']] : decisionRows(last)),
  ];
  return { exit: 0, json: { scaling, replicas: countByState(replicas), last }, text: alignedTable(rows).join('\n') };
}

function unwatchedRows(watched: boolean): readonly (readonly string[])[] {
  const why = watched
    ? 'nothing scales this service; next: write scaling.replicas with min below max, and release'
    : 'no control plane runs, which alone knows the signals; next: plimsoll up';
  return [['scaling', why]];
}

function watchedRows(scaling: ScalingView, nowMs: number): readonly (readonly string[])[] {
  const { min, max, actuator, policy, ordered, held, signals, learned, doubt } = scaling;
  const acts = actuator === 'plimsoll' ? 'Plimsoll sets the number' : `${actuator} is the actuator: nothing is ordered`;
  return [
    ['scaling', `${min} to ${max} replicas by policy ${policy}; ${acts}`],
    ['ordered', ordered === null ? 'what the release began with' : String(ordered)],
    ...(held === null ? [] : [['held', held]]),
    ['signals', `${signalsText(signals)} (heard ${formatElapsed(Math.max(0, nowMs - signals.atMs))} ago)`],
    ...doubtRows(doubt),
    ...(learned === undefined ? [] : learnedRows(learned, learned.told, nowMs)),
  ];
}

function decisionRows(last: ScalingDecisionView): readonly (readonly string[])[] {
  return [
    ['decided', `${last.desired} (before: ${last.before}) at ${utcText(last.atMs)}, decision ${last.seq}`],
    ['reason', last.reason],
  ];
}

function countByState(replicas: readonly ReplicaView[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { state } of replicas) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function replicasText(replicas: readonly ReplicaView[]): string {
  const counts = Object.entries(countByState(replicas));
  return counts.length === 0 ? 'none' : counts.map(([state, count]) => `${count} ${state}`).join(', ');
}
