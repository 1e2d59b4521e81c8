import path from 'node:path';
import type { NamedNode, NamedReplicas } from '../../core/packing/named/named-task.ts';
import { wholeDeviceMilli } from '../../core/packing/room.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import { csvRecords } from '../../formats/csv.ts';
import { withSourceFile } from '../files/source-file.ts';
import type { ProvingPorts } from '../ports.ts';

export type FilePorts = Pick<ProvingPorts, 'cwd' | 'signal'>;

const devicesAtMost = 64;
const replicasAtMost = 1_000_000;

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
    return { name, shape: { cpuMilli: row.whole('cpu_milli'), memoryMib: row.whole('memory_mib'), devices, model } };
  });
}

/**
 * Returns the replicas of a CSV file.
 *
 * | column | is |
 * |---|---|
 * | `name` | of the replica, or of replicas that are alike; each once |
 * | `count` | how many of them; 1 where there is no such column |
 * | `cpu_milli`, `memory_mib` | that each takes of its node |
 * | `num_gpu` | devices of each |
 * | `gpu_milli` | thousandths of the device, where `num_gpu` is 1; 1,000 of several |
 * | `gpu_spec` | models that it accepts, with `\|` between them; empty for any |
 *
 * @throws PlimsollError as `readNodeRows`.
 */
export async function readReplicaRows(ports: FilePorts, shown: string): Promise<readonly NamedReplicas[]> {
  const rows = await readRows(ports, shown, ['cpu_milli', 'memory_mib', 'num_gpu']);
  const names = new Set<string>();
  let sum = 0;
  return rows.map((row) => {
    const name = row.text('name');
    if (name === '' || names.has(name))
      throw row.invalid(name === '' ? 'the replica has no name' : `${name} is there twice`);
    names.add(name);
    const devices = row.whole('num_gpu', devicesAtMost);
    const share = row.has('gpu_milli') ? row.whole('gpu_milli', wholeDeviceMilli) : wholeDeviceMilli;
    if (devices > 0 && share === 0) throw row.invalid(`${name} holds ${devices} devices and 0 thousandths of them`);
    if (devices > 1 && share !== wholeDeviceMilli) throw row.invalid(`${name} holds shares of ${devices} devices`);
    const count = row.has('count') ? row.whole('count') : 1;
    sum += count;
    if (sum > replicasAtMost) throw row.invalid(`there are more than ${replicasAtMost} replicas`);
    const models = row
      .text('gpu_spec')
      .split('|')
      .filter((model) => model !== '');
    const deviceMilli = devices === 0 ? 0 : share;
    const cpuMilli = row.whole('cpu_milli');
    return { name, count, shape: { cpuMilli, memoryMib: row.whole('memory_mib'), devices, deviceMilli, models } };
  });
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
