import path from 'node:path';
import type { MigBoard } from '../../core/hardware/tables/mig-profiles.ts';
import type { OperatingPoint, SlicedService } from '../../core/packing/slices/operating-points.ts';
import type { PlanNode } from '../../protocols/device-plans/place-plan.ts';
import { makeParvagpuPoint, parvagpuColumns } from './parvagpu-point.ts';
import { readRows, type FilePorts, type Row } from './read-packing-rows.ts';

const help = 'plimsoll slices --help';
const gpusAtMost = 64;

/** What a CSV file says that a service has to carry. */
export type ServiceRate = Omit<SlicedService, 'points'>;

/**
 * Returns the operating points of CSV files, by service.
 *
 * | column | is |
 * |---|---|
 * | `service` | name of the service; the name of the file where there is no such column |
 * | `profile` | MIG profile: `3g.40gb` |
 * | `batch`, `processes` | requests in a batch, and processes that share the instance; 1 where there is no such column |
 * | `throughput_per_s` | requests per second of all processes together |
 * | `latency_ms` | of one batch |
 *
 * A file with ParvaGPU's columns is read as such (`makeParvagpuPoint`).
 * @throws PlimsollError as `readRows`.
 */
export async function readPointFiles(
  ports: FilePorts,
  files: readonly string[],
  board: MigBoard,
): Promise<ReadonlyMap<string, readonly OperatingPoint[]>> {
  const points = new Map<string, OperatingPoint[]>();
  for (const shown of files) {
    const ofFile = path.basename(shown, path.extname(shown));
    for (const row of await readRows(ports, shown, [], help)) {
      const isParvagpu = parvagpuColumns.every((column) => row.has(column));
      const point = isParvagpu
        ? makeParvagpuPoint(
            parvagpuColumns.map((column) => readDecimal(row, column)),
            board,
          )
        : readPoint(row);
      if (point === null) continue;
      const service = row.has('service') ? row.text('service') : ofFile;
      if (service === '') throw row.invalid('the service has no name');
      points.set(service, [...(points.get(service) ?? []), point]);
    }
  }
  return points;
}

function readPoint(row: Row): OperatingPoint {
  for (const column of ['profile', 'throughput_per_s', 'latency_ms']) {
    if (!row.has(column)) throw row.invalid(`there is no column ${column}`);
  }
  return {
    profile: row.text('profile'),
    batch: row.has('batch') ? row.whole('batch') : 1,
    processes: row.has('processes') ? row.whole('processes') : 1,
    throughputPerSecond: readDecimal(row, 'throughput_per_s'),
    latencyMs: readDecimal(row, 'latency_ms'),
  };
}

/**
 * Returns what each service has to carry: columns `service`, `rate_per_s`, and `latency_ms`, the limit of one batch.
 * @throws PlimsollError as `readRows`.
 */
export async function readRateRows(ports: FilePorts, shown: string): Promise<readonly ServiceRate[]> {
  const rows = await readRows(ports, shown, ['service', 'rate_per_s', 'latency_ms'], help);
  return rows.map((row) => ({
    id: row.text('service'),
    ratePerSecond: readDecimal(row, 'rate_per_s'),
    latencyMs: readDecimal(row, 'latency_ms'),
  }));
}

/**
 * Returns the nodes whose GPUs may be divided: columns `name`, `gpu` (how many GPUs), and `model`, the product as the driver
 * names it. Rows without a GPU are passed over.
 * @throws PlimsollError as `readRows`.
 */
export async function readGpuRows(ports: FilePorts, shown: string): Promise<readonly PlanNode[]> {
  const rows = await readRows(ports, shown, ['gpu', 'model'], help);
  return rows.flatMap((row): readonly PlanNode[] => {
    const [name, product, gpus] = [row.text('name', 'sn'), row.text('model'), row.whole('gpu', gpusAtMost)];
    if (gpus === 0) return [];
    if (name === '' || product === '') throw row.invalid(`the node has no ${name === '' ? 'name' : 'model'}`);
    return [{ name, product, gpus: Array.from({ length: gpus }, (_, index) => index) }];
  });
}

/** Bounds are a matter of the problem (`findSliceProblems`). */
function readDecimal(row: Row, column: string): number {
  const text = row.text(column);
  if (/^\d{1,12}(?:\.\d{1,12})?$/.test(text)) return Number(text);
  throw row.invalid(`${column} is "${text.slice(0, 40)}", and is to be a number`);
}
