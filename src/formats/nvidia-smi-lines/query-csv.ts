import { invalidLines, smiLines } from './smi-text.ts';

/** One board as `--query-gpu` prints it: column to text, without units. */
export interface QueriedDevice {
  readonly line: number;
  readonly columns: ReadonlyMap<string, string>;
}

export interface QueryResult {
  readonly devices: readonly QueriedDevice[];
  /** What it said of boards that it could not read. */
  readonly problems: readonly string[];
}

const command =
  'nvidia-smi --query-gpu=index,uuid,name,pci.bus_id,compute_cap,driver_version,memory.total --format=csv';
const columnHeader = /^([a-z][a-z0-9_.]{0,60})(?: \[([A-Za-z%/]{1,8})\])?$/;

/**
 * `nvidia-smi --query-gpu=... --format=csv` with its header, with or without `nounits`.
 * @throws PlimsollError `nvidia-smi-invalid` (input).
 */
export function readQueryCsv(bytes: Uint8Array): QueryResult {
  const problems: string[] = [];
  const devices: QueriedDevice[] = [];
  let header: readonly { readonly name: string; readonly unit: string | undefined }[] | null = null;
  for (const { line, text } of smiLines(bytes, command)) {
    // nvidia-smi tells on the same stream of boards that have fallen off the bus.
    if (/^(?:Unable to determine|No devices|WARNING)/.test(text)) {
      problems.push(text.slice(0, 200));
      continue;
    }
    const cells = text.split(',').map((cell) => cell.trim());
    if (header === null) {
      header = cells.map((cell) => headerOf(cell, line));
      continue;
    }
    if (cells.length !== header.length) {
      throw invalidLines(command, `line ${line} has ${cells.length} cells and the header ${header.length}`);
    }
    devices.push({
      line,
      columns: new Map(header.map(({ name, unit }, at) => [name, withoutUnit(cells[at] ?? '', unit)])),
    });
  }
  if (header === null && problems.length === 0) throw invalidLines(command, 'there is no line in it');
  return { devices, problems };
}

function headerOf(cell: string, line: number): { readonly name: string; readonly unit: string | undefined } {
  const match = columnHeader.exec(cell);
  if (match?.[1] !== undefined) return { name: match[1], unit: match[2] };
  throw invalidLines(
    command,
    `line ${line} names no columns (${JSON.stringify(cell.slice(0, 60))}); leave out noheader`,
  );
}

const withoutUnit = (cell: string, unit: string | undefined): string =>
  unit !== undefined && cell.endsWith(` ${unit}`) ? cell.slice(0, -unit.length - 1) : cell;
