import path from 'node:path';
import type { NamedNode, NamedReplicas } from '../../core/packing/named/named-task.ts';
import { findBoard, findProfile } from '../../core/packing/cuts/board-cuts.ts';
import { keepPrevious } from '../../core/packing/named/plan-rules.ts';
import { wholeDeviceMilli, type ReplicaShape } from '../../core/packing/room.ts';
import { migBoards } from '../../core/hardware/tables/mig-profiles.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import { csvRecords } from '../../formats/csv.ts';
import { withSourceFile } from '../files/source-file.ts';
import type { ProvingPorts } from '../ports.ts';

export type FilePorts = Pick<ProvingPorts, 'cwd' | 'signal'>;

const devicesAtMost = 64;
const replicasAtMost = 1_000_000;
/** A million cores, and about a petabyte: more is in another unit. */
const sizeAtMost = 1_000_000_000;

/**
 * Returns the nodes of a CSV file.
 *
 * | column | is |
 * |---|---|
 * | `name`, or `sn` | of the node; each once |
 * | `cpu_milli` | thousandths of a core |
 * | `memory_mib` | host memory |
 * | `gpu` | devices |
 * | `model` | of all devices of the node; empty where it has none |
 * | `mig_board` | the MIG board of all devices (`A100-80`), where they may be cut; empty or left out where not |
 *
 * @throws PlimsollError `packing-row-invalid` (input) with file and line; as `withSourceFile` and `csvRecords`.
 */
export async function readNodeRows(ports: FilePorts, shown: string): Promise<readonly NamedNode[]> {
  const rows = await readRows(ports, shown, ['cpu_milli', 'memory_mib', 'gpu', 'model']);
  const names = new Set<string>();
  return rows.map((row) => {
    const name = row.text('name', 'sn');
    if (name === '' || names.has(name))
      throw row.invalid(name === '' ? 'the node has no name' : `${name} is there twice`);
    names.add(name);
    const devices = row.whole('gpu', devicesAtMost);
    const model = row.text('model');
    if (devices > 0 && model === '') throw row.invalid(`${name} has ${devices} devices and no model`);
    const board = row.text('mig_board');
    if (board !== '' && findBoard(board) === null) throw row.invalid(`no table knows the MIG board ${board}`);
    const shape = {
      cpuMilli: row.whole('cpu_milli', sizeAtMost),
      memoryMib: row.whole('memory_mib', sizeAtMost),
      devices,
      model,
    };
    return { name, shape: board === '' ? shape : { ...shape, board } };
  });
}

/**
 * Returns the replicas of a CSV file.
 *
 * | column | is |
 * |---|---|
 * | `name` | of the replica, or of replicas that are alike; each once |
 * | `count` | how many of them; 1 where it is empty or left out |
 * | `cpu_milli`, `memory_mib` | that each takes of its node |
 * | `num_gpu` | devices of each |
 * | `gpu_milli` | thousandths of the device, where `num_gpu` is 1; 1,000 of several |
 * | `gpu_spec` | models that it accepts, with `\|` between them; empty for any |
 * | `mig_profile` | MIG profiles, of which each takes one instance, with `\|` between them; `3g` is the smallest with 3 compute slices |
 * | `per_node` | how many of them may be on one node; empty for any number |
 * | `previous` | replicas of the previous release that are kept warm beside them |
 * | `reserved` | `yes`: room that is kept free for so many replicas |
 *
 * @throws PlimsollError as `readNodeRows`.
 */
export async function readReplicaRows(ports: FilePorts, shown: string): Promise<readonly NamedReplicas[]> {
  const rows = await readRows(ports, shown, ['cpu_milli', 'memory_mib', 'num_gpu']);
  const names = new Set<string>();
  let sum = 0;
  return rows.flatMap((row) => {
    const name = row.text('name');
    if (name === '' || names.has(name))
      throw row.invalid(name === '' ? 'the replica has no name' : `${name} is there twice`);
    names.add(name);
    const devices = row.whole('num_gpu', devicesAtMost);
    const share = row.text('gpu_milli') === '' ? wholeDeviceMilli : row.whole('gpu_milli', wholeDeviceMilli);
    if (devices > 0 && share === 0) throw row.invalid(`${name} holds ${devices} devices and 0 thousandths of them`);
    if (devices > 1 && share !== wholeDeviceMilli) throw row.invalid(`${name} holds shares of ${devices} devices`);
    const count = row.text('count') === '' ? 1 : row.whole('count');
    sum += count;
    if (sum > replicasAtMost) throw row.invalid(`there are more than ${replicasAtMost} replicas`);
    const models = row
      .text('gpu_spec')
      .split('|')
      .filter((model) => model !== '');
    const deviceMilli = devices === 0 ? 0 : share;
    const cpuMilli = row.whole('cpu_milli', sizeAtMost);
    const memoryMib = row.whole('memory_mib', sizeAtMost);
    if (cpuMilli + memoryMib + devices === 0) throw row.invalid(`${name} takes no CPU, no memory and no device`);
    const shape = { cpuMilli, memoryMib, devices, deviceMilli, models };
    const asked: NamedReplicas = { name, count, shape: addRules(row, name, shape) };
    const reserved = row.text('reserved');
    if (!['', 'no', 'yes'].includes(reserved)) throw row.invalid(`reserved is "${reserved}", and is to be yes or no`);
    const previous = row.text('previous') === '' ? 0 : row.whole('previous', replicasAtMost);
    return [
      reserved === 'yes' ? { ...asked, reserved: true } : asked,
      ...(previous === 0 ? [] : [keepPrevious(asked, previous)]),
    ];
  });
}

/** Adds the MIG profiles and the limit of the row. */
function addRules(row: Row, name: string, shape: ReplicaShape): ReplicaShape {
  const profiles = row
    .text('mig_profile')
    .split('|')
    .filter((profile) => profile !== '');
  if (profiles.length > 0 && !migBoards.some((board) => findProfile(board, profiles) !== null)) {
    throw row.invalid(`no table knows the MIG profile ${profiles.join('|')}`);
  }
  if (profiles.length > 0 && shape.devices !== 1) throw row.invalid(`${name} takes one MIG instance, so num_gpu is 1`);
  const atMost = row.text('per_node') === '' ? null : row.whole('per_node');
  if (atMost === 0) throw row.invalid('per_node is 0, and is to be 1 or more, or empty');
  return {
    ...shape,
    ...(profiles.length === 0 ? {} : { profiles }),
    ...(atMost === null ? {} : { perNode: { service: name, atMost } }),
  };
}

/** One line of the file. */
export interface Row {
  has(column: string): boolean;
  /** Of the first of these columns that the file has; empty where it has none. */
  text(...columns: readonly string[]): string;
  whole(column: string, most?: number): number;
  invalid(problem: string): PlimsollError;
}

/**
 * Returns the lines of a CSV file below its header, which has at least these columns.
 * @throws PlimsollError as `readNodeRows`.
 */
export async function readRows(
  ports: FilePorts,
  shown: string,
  needed: readonly string[],
  help = 'plimsoll pack --help',
): Promise<readonly Row[]> {
  const location = path.resolve(ports.cwd, shown);
  return withSourceFile({ location, shown }, ports.signal, async (source) => {
    let columns: ReadonlyMap<string, number> | null = null;
    const rows: Row[] = [];
    for await (const { line, cells } of csvRecords(source.chunks())) {
      if (columns === null) {
        const names = cells.map((cell) => cell.trim());
        columns = new Map(names.map((name, at) => [name, at]));
        for (const name of needed) if (!columns.has(name)) throw columnMissing(shown, name, names, help);
      } else rows.push(makeRow(shown, line, cells, columns, help));
    }
    if (rows.length === 0) throw rowInvalid(shown, 1, 'there is no row below the header', help);
    return rows;
  });
}

function makeRow(
  shown: string,
  line: number,
  cells: readonly string[],
  columns: ReadonlyMap<string, number>,
  help: string,
): Row {
  const invalid = (problem: string): PlimsollError => rowInvalid(shown, line, problem, help);
  const cellOf = (column: string): string => cells[columns.get(column) ?? -1]?.trim() ?? '';
  return {
    has: (column) => columns.has(column),
    text: (...names) => cellOf(names.find((name) => columns.has(name)) ?? ''),
    whole(column, most = Number.MAX_SAFE_INTEGER) {
      const text = cellOf(column);
      const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
      if (value <= most) return value;
      const limit = most === Number.MAX_SAFE_INTEGER ? '' : ` up to ${most}`;
      throw invalid(`${column} is "${text.slice(0, 40)}", and is to be a whole number${limit}`);
    },
    invalid,
  };
}

const rowInvalid = (shown: string, line: number, problem: string, help: string): PlimsollError =>
  new PlimsollError({
    code: 'packing-row-invalid',
    category: 'input',
    message: `${shown}:${line}: ${problem}`,
    next: `mend line ${line}; ${help} names the columns`,
    details: { line },
  });

function columnMissing(shown: string, name: string, names: readonly string[], help: string): PlimsollError {
  const meant = nearest(name, names);
  return rowInvalid(shown, 1, `there is no column ${name}${meant === null ? '' : `; is it ${meant}?`}`, help);
}
