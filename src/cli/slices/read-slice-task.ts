import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { migBoardOf, migBoards, type MigBoard } from '../../core/hardware/tables/mig-profiles.ts';
import type { SlicedService } from '../../core/packing/slices/operating-points.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import type { PlanNode } from '../../protocols/device-plans/place-plan.ts';
import { findSnapshot } from '../../prove/pool/pool-find.ts';
import { readGpuRows, readPointFiles, readRateRows } from '../../prove/packing/read-slice-rows.ts';
import type { CliContext } from '../context.ts';

/**
 * Returns the board of this name: the name of the table, its beginning, or the PCI device id of a board.
 * @throws PlimsollError `board-unknown` (input) with the boards.
 */
export function findBoard(asked: string): MigBoard {
  const wanted = asked.trim().toLowerCase();
  const byId = migBoardOf(/^0x[0-9a-f]{8}$/.test(wanted) ? wanted : null);
  const found =
    byId === null ? migBoards.filter(({ name }) => wanted !== '' && name.toLowerCase().startsWith(wanted)) : [byId];
  const [board] = found;
  if (board !== undefined && found.length === 1) return board;
  const names = migBoards.map(({ name }) => name.split(/,| and | \(/)[0] ?? name);
  const meant = found.length > 1 ? null : nearest(asked, names);
  throw new PlimsollError({
    code: 'board-unknown',
    category: 'input',
    message:
      found.length > 1
        ? `--board ${asked} is ${found.length} boards: ${found.map(({ name }) => name).join('; ')}`
        : `there is no board ${asked} in the table of MIG profiles${meant === null ? '' : `; did you mean ${meant}?`}`,
    next: `--board with one of ${names.join(', ')}`,
  });
}

/**
 * Returns the services with their rates and operating points.
 * @throws PlimsollError `points-missing` (input) where a rate has no points; as the readers of the files.
 */
export async function readSlicedServices(
  context: CliContext,
  points: readonly string[],
  rates: string,
  board: MigBoard,
): Promise<readonly SlicedService[]> {
  const [byService, asked] = [await readPointFiles(context, points, board), await readRateRows(context, rates)];
  return asked.map((rate) => {
    const own = byService.get(rate.id);
    if (own !== undefined) return { ...rate, points: own };
    const meant = nearest(rate.id, [...byService.keys()]);
    throw new PlimsollError({
      code: 'points-missing',
      category: 'input',
      message: `${rates} has a rate of ${rate.id}, which has no operating point${meant === null ? '' : `; did you mean ${meant}?`}`,
      next: `--points with a file of ${rate.id}`,
    });
  });
}

/**
 * Returns the nodes whose GPUs may be divided: rows of a file, or nodes of a pool with GPUs of the board. Null where neither
 * is named.
 * @throws PlimsollError `board-not-in-pool` (input); as the readers of what is named.
 */
export async function readPlanNodes(
  context: CliContext,
  { nodes, pool }: { readonly nodes?: string; readonly pool?: string },
  board: MigBoard,
): Promise<readonly PlanNode[] | null> {
  if (nodes !== undefined) return readGpuRows(context, nodes);
  if (pool === undefined) return null;
  const snapshot = await findSnapshot(context, pool);
  const found = snapshot.nodes.flatMap(({ name, devices }): readonly PlanNode[] => {
    const own = (devices ?? []).filter(({ pciDeviceId }) => migBoardOf(pciDeviceId) === board);
    const product = own[0]?.product ?? null;
    if (product === null) return [];
    const alike = own.filter((device) => device.product === product);
    return [{ name, product, gpus: alike.map(({ index }, at) => index ?? at) }];
  });
  if (found.length > 0) return found;
  throw new PlimsollError({
    code: 'board-not-in-pool',
    category: 'input',
    message: `no node of ${pool} has a GPU of the board ${board.name}`,
    next: nextStep(cliSteps, 'board-not-in-pool', { pool }),
  });
}
