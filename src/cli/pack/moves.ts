import { defragment, type Defragmentation } from '../../core/packing/moves/defragment.ts';
import { listLayoutChanges } from '../../core/packing/moves/layout-changes.ts';
import { matchPresent } from '../../core/packing/moves/match-present.ts';
import { orderMoves } from '../../core/packing/moves/order-moves.ts';
import { readPresent, type PresentNode } from '../../core/packing/moves/present-placement.ts';
import { headroomName } from '../../core/packing/named/plan-rules.ts';
import type { NamedPlacement, NamedTask } from '../../core/packing/named/named-task.ts';
import { addInstances } from '../../core/packing/cuts/held-instances.ts';
import type { PackingPlacement } from '../../core/packing/plan/placement.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readPresentFile } from '../../prove/packing/read-present.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { defragmentText, type WayToPlan } from './moves-text.ts';

/** @throws PlimsollError `present-invalid` (input) where the file names what is not in the lists; as `readPresentFile`. */
export async function findWay(
  context: CliContext,
  named: NamedTask,
  placement: PackingPlacement,
  shown: string,
): Promise<WayToPlan> {
  const present = await readPlaced(context, named, shown);
  const matched = matchPresent(named, placement, present);
  return {
    nodes: matched.nodes.flatMap(({ node, nodeClass, held }) =>
      held.length === 0 ? [] : [{ node, held: addNames(named, nodeClass, held) }],
    ),
    steps: orderMoves(named.task, present, matched.changes),
    layouts: listLayoutChanges(named.task, present, matched.nodes),
    staying: matched.staying,
  };
}

function addNames(named: NamedTask, nodeClass: number, held: PresentNode['held']): NamedPlacement['held'] {
  const withInstances = addInstances(named.task, nodeClass, held);
  return held.map(({ name, devices }, at) => {
    const instance = withInstances[at]?.instance;
    return { replica: name, devices, ...(instance === undefined ? {} : { instance }) };
  });
}

/** A few moves from what is placed at present, and what they give. */
export async function runDefragment(
  context: CliContext,
  named: NamedTask,
  shown: string | undefined,
  moves: string | undefined,
): Promise<CommandResult> {
  if (shown === undefined) throw optionMissing('--defragment needs --present', '--present plan.json');
  if (moves === undefined || !/^\d{1,4}$/.test(moves)) throw optionMissing('--defragment needs --moves', '--moves 5');
  const present = await readPlaced(context, named, shown);
  const found: Defragmentation = defragment(named, present, Number(moves), await context.linearSolver());
  const json = {
    ...found,
    gainNano: String(found.gainNano),
    withoutMovesNano: String(found.withoutMovesNano),
    boundNano: String(found.boundNano),
  };
  return { exit: 0, json, text: defragmentText(found, Number(moves)) };
}

async function readPlaced(context: CliContext, named: NamedTask, shown: string): Promise<readonly PresentNode[]> {
  const placed = await readPresentFile(context, shown);
  const reserved = new Set([
    headroomName,
    ...named.replicas.flatMap((members, at) =>
      named.task.replicas[at]?.reserved === true ? members.map(({ name }) => name) : [],
    ),
  ]);
  // Room that an earlier plan kept free holds nothing.
  const running = placed.map(({ node, held }) => ({
    node,
    held: held.filter(({ replica }) => !reserved.has(replica)),
  }));
  const read = readPresent(named, running);
  if (read.answer === 'present') return read.nodes;
  throw new PlimsollError({
    code: 'present-invalid',
    category: 'input',
    message: `${shown}: ${read.reason}`,
    next: 'list it among the nodes or replicas, with count 0 for a replica that is to stop',
  });
}

const optionMissing = (message: string, next: string): PlimsollError =>
  new PlimsollError({ code: 'option-missing', category: 'input', message, next });
