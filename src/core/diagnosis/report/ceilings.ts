import type { Cause } from '../cause.ts';
import { causeOrder } from '../order/cause-order.ts';
import { formatReading, type Line } from '../order/order-row.ts';
import type { Reading } from '../readings/reading.ts';
import { readingTable, type ReadingName, type WindowReadings } from '../readings/window-readings.ts';

/** How near one part of the node is to its ceiling. */
export interface CeilingUse {
  readonly name: ReadingName;
  /** `activity of the multiprocessors`. */
  readonly label: string;
  /** Of the ceiling, 0 to 1; unknown with its reason. */
  readonly use: Reading;
  /** The use in words: `87%`; `unknown`. */
  readonly text: string;
  /** Where a cause is suspected; null where no row of the order asks for it. */
  readonly line: CeilingLine | null;
  /** When the ceiling was measured, Unix milliseconds; null where it is none that a preflight measures, or is not known. */
  readonly measuredAtMs: number | null;
}

export interface CeilingLine {
  readonly is: Line['is'];
  readonly at: number;
  /** What is suspected beyond it, where what the row asks beside it holds too. */
  readonly cause: Cause;
}

/** Shares of a ceiling, in the order of the questions. */
const ceilings = [
  'smActiveShare',
  'dramActiveShare',
  'engineRunShare',
  'clockShare',
  'busiestThreadShare',
  'quotaUseShare',
  'coreUseShare',
  'linkGenerationShare',
  'linkWidthShare',
  'busUseShare',
  'diskBusyShare',
  'storageUseShare',
  'interfaceUseShare',
  'memoryUseShare',
  'deviceMemoryUseShare',
] as const satisfies readonly ReadingName[];

/** Ceilings that a preflight measures; the others are told by the kernel or the driver. */
const measured: ReadonlySet<ReadingName> = new Set(['busUseShare', 'storageUseShare']);

/** Returns the use of each ceiling in the order of the questions, those that were not read as well. */
export function listCeilings({ values, ceilingsAtMs }: Pick<WindowReadings, 'values' | 'ceilingsAtMs'>): CeilingUse[] {
  return ceilings.map((name) => ({
    name,
    label: readingTable[name].label,
    use: values[name],
    text: formatReading(name, values[name]),
    line: findLine(name),
    measuredAtMs: measured.has(name) ? ceilingsAtMs : null,
  }));
}

/** The first line of the order that is about this reading alone. */
function findLine(name: ReadingName): CeilingLine | null {
  const found = causeOrder.flatMap(({ lines, cause }) => lines.map((line) => ({ ...line, cause })));
  const line = found.find(({ reading }) => reading === name);
  return line === undefined ? null : { is: line.is, at: line.line, cause: line.cause };
}
