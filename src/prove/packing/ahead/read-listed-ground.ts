import path from 'node:path';
import { proveSteps } from '../../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import type { PriceBook } from '../../../core/cost/prices/price-book.ts';
import type { PricedNode } from '../../../core/packing/plan-ahead/ahead-money.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { readPriceBook } from '../../../schemas/prices/read-price-book.ts';
import { readIfFile } from '../../files/source-file.ts';
import { readNodeRows, readReplicaRows, readRows, type FilePorts, type Row } from '../read-packing-rows.ts';
import type { Missing, PlannedBase, PlannedGround, Sourced } from './planned-base.ts';
import { readLimits, readRate } from './stated-numbers.ts';

const help = 'plimsoll capacity plan --help';

/** Returns the nodes of a list; the model of a node is the class by which its devices are priced. */
export async function readListedNodes(ports: FilePorts, shown: string): Promise<readonly PricedNode[]> {
  return (await readNodeRows(ports, shown)).map((node) => ({ ...node, deviceClass: node.shape.model }));
}

/**
 * Returns services and nodes of lists: the columns of `readNodeRows` and `readReplicaRows`, and in the list of replicas
 *
 * | column | is |
 * |---|---|
 * | `per_replica` | requests a second that one replica sustains, `14` or `12..16` |
 * | `rate` | the mean rate now, requests a second |
 * | `peak` | replicas at the peak over those of the mean, `2.5` or `2..3` |
 * | `min`, `max` | replicas at least, 1 where it is left out, and at most |
 *
 * A row with `per_replica` is a service that is planned. `count` of it is not read. Other rows do not change.
 * @throws PlimsollError `packing-row-invalid` (input) with file and line.
 */
export async function readListedGround(
  ports: FilePorts,
  lists: { readonly nodes: string; readonly replicas: string },
  book: PriceBook | null,
): Promise<PlannedGround> {
  const [nodes, shaped, rows] = await Promise.all([
    readListedNodes(ports, lists.nodes),
    readReplicaRows(ports, lists.replicas),
    readRows(ports, lists.replicas, ['name'], help),
  ]);
  const byName = new Map(rows.map((row) => [row.text('name'), row]));
  const services: PlannedBase[] = [];
  const fixed: PlannedGround['fixed'][number][] = [];
  for (const row of shaped) {
    const listed = byName.get(row.name);
    if (listed === undefined || listed.text('per_replica') === '') fixed.push(row);
    else services.push({ row, ...readService(listed, lists.replicas) });
  }
  const pool = lists.nodes;
  return { pool, nodes, services, fixed, prices: book === null ? null : { book, pool }, notes: [] };
}

function readService(row: Row, shown: string): Omit<PlannedBase, 'row'> {
  const name = row.text('name');
  const perReplica = readLimits(row.text('per_replica'));
  if (perReplica === null) throw row.invalid('per_replica is to be requests a second like 14, or 12..16');
  const rate = readRate(row.text('rate'));
  if (rate === null && row.text('rate') !== '') throw row.invalid('rate is to be requests a second above 0');
  const peak = row.text('peak') === '' ? null : readLimits(row.text('peak'));
  if (peak === null ? row.text('peak') !== '' : peak.lower < 1)
    throw row.invalid('peak is to be 1 or more, like 2.5 or 2..3');
  const stated = <Value>(value: Value): Sourced<Value> => ({ value, from: `${shown}, stated` });
  return {
    perReplica: stated(perReplica),
    held: peak === null ? missingPeak(name) : stated({ peak, mean: 1 }),
    peakCoversWeek: false,
    rate: rate === null ? missingRate(name) : stated(rate),
    floor: row.text('min') === '' ? 1 : row.whole('min', 1_000_000),
    atMost: row.text('max') === '' ? null : row.whole('max', 1_000_000),
  };
}

export const missingPeak = (name: string): Missing => ({
  missing: `nothing says how much more than its mean rate the peak of ${name} needs`,
  next: nextStep(proveSteps, 'plan-input-missing/scale-simulate-record', { name }),
});

export const missingRate = (name: string): Missing => ({
  missing: `nothing says the rate of ${name} now`,
  next: `--history FILE with its recorded days, or state it: --rate ${name}=20/s`,
});

/** @throws PlimsollError `prices-missing`, `prices-invalid` (input). */
export async function readNamedPrices(ports: FilePorts, shown: string): Promise<PriceBook> {
  const text = await readIfFile(path.resolve(ports.cwd, shown));
  if (text !== null) return readPriceBook(text.toString('utf8'), shown);
  throw new PlimsollError({
    code: 'prices-missing',
    category: 'input',
    message: `there is no ${shown}, which --prices names`,
    next: 'write it as docs/cost.md shows, or leave out --prices',
  });
}
