import { migBoards } from '../../hardware/tables/mig-profiles.ts';
import { findBoard, findProfile, shareOfBoardMilli } from '../cuts/board-cuts.ts';
import { wholeDeviceMilli } from '../room.ts';
import type { NamedNode, NamedReplicas } from './named-task.ts';

/** Rules that apply to all that is planned. */
export interface PlanRules {
  /** Whole devices that stay free; 0 for none. */
  readonly headroomDevices: number;
  /** At most so many replicas of one service on a node; null for no limit. Rows with a limit of their own keep it. */
  readonly perNode: number | null;
}

export const headroomName = 'headroom';

/**
 * Returns the replicas with the rules: the limit of each service, one row of reserved room for the headroom, and MIG replicas
 * counted by the boards of these nodes.
 *
 * Headroom takes whole devices that some replica accepts. Other devices are no room for more load.
 */
export function applyRules(
  nodes: readonly NamedNode[],
  replicas: readonly NamedReplicas[],
  { headroomDevices, perNode }: PlanRules,
): readonly NamedReplicas[] {
  const ruled = replicas.map((each) => limitService(countByBoards(each, nodes), perNode));
  if (headroomDevices === 0) return ruled;
  const onDevices = replicas.filter(({ shape }) => shape.devices > 0);
  const acceptsAny = onDevices.length === 0 || onDevices.some(({ shape }) => shape.models.length === 0);
  const models = acceptsAny ? [] : [...new Set(onDevices.flatMap(({ shape }) => shape.models))];
  const shape = { cpuMilli: 0, memoryMib: 0, devices: 1, deviceMilli: wholeDeviceMilli, models };
  return [...ruled, { name: headroomName, count: headroomDevices, shape, reserved: true }];
}

function limitService(row: NamedReplicas, perNode: number | null): NamedReplicas {
  if (perNode === null || row.shape.perNode !== undefined || row.reserved === true) return row;
  return { ...row, shape: { ...row.shape, perNode: { service: row.name, atMost: perNode } } };
}

/**
 * Returns the row with the thousandths of a device that its MIG profile counts as: those of the first node whose board has the
 * profile, or of the first board of the table.
 */
function countByBoards(row: NamedReplicas, nodes: readonly NamedNode[]): NamedReplicas {
  const { profiles } = row.shape;
  if (profiles === undefined) return row;
  const ofNodes = nodes.flatMap(({ shape }) => (shape.board === undefined ? [] : [findBoard(shape.board)]));
  for (const board of [...ofNodes, ...migBoards]) {
    const profile = board === null ? null : findProfile(board, profiles);
    if (board !== null && profile !== null) {
      return { ...row, shape: { ...row.shape, deviceMilli: shareOfBoardMilli(board, profile) } };
    }
  }
  return row;
}

/** Returns the whole devices that a headroom of devices (`2`) or of a share of all (`5%`) keeps free; null for another text. */
export function countHeadroom(text: string, nodes: readonly NamedNode[]): number | null {
  const [, amount, percent] = /^(\d{1,6}(?:\.\d{1,3})?)(%?)$/.exec(text) ?? [];
  if (amount === undefined) return null;
  const all = nodes.reduce((sum, { shape }) => sum + shape.devices, 0);
  const devices = percent === '%' ? (Number(amount) / 100) * all : Number(amount);
  const whole = Math.max(0, Math.ceil(devices - 1e-9));
  return percent === '%' || Number.isInteger(devices) ? whole : null;
}

/** Returns the replicas of a previous release that are kept warm beside those of a row. */
export function keepPrevious(row: NamedReplicas, count: number): NamedReplicas {
  const name = `${row.name} (previous)`;
  const { perNode } = row.shape;
  const shape = perNode === undefined ? row.shape : { ...row.shape, perNode: { ...perNode, service: name } };
  return { ...row, name, count, shape };
}
