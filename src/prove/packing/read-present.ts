import path from 'node:path';
import type { NamedPlacement } from '../../core/packing/named/named-task.ts';
import { readPlanFile } from '../../schemas/packing/plan-file.ts';
import { jsonBounds } from '../../schemas/source/json-text.ts';
import { withSourceFile } from '../files/source-file.ts';
import { readRows, type FilePorts } from './read-packing-rows.ts';

/**
 * Returns where replicas are at present: a plan that `pack --out` wrote, by the ending `.json`, or a CSV file with one line for
 * each replica.
 *
 * | column | is |
 * |---|---|
 * | `node`, `replica` | names as in the lists of nodes and replicas |
 * | `devices` | indices of the devices that it holds, with `\|` between them; empty for none |
 *
 * @throws PlimsollError `packing-row-invalid` (input); as `readPlanFile`, `withSourceFile` and `csvRecords`.
 */
export async function readPresentFile(ports: FilePorts, shown: string): Promise<readonly NamedPlacement[]> {
  if (!shown.endsWith('.json')) return readPresentRows(ports, shown);
  const location = path.resolve(ports.cwd, shown);
  const file = await withSourceFile({ location, shown }, ports.signal, async ({ bytes, source }) =>
    readPlanFile(await source.read(0, Math.min(bytes, jsonBounds.bytes + 1)), shown),
  );
  return file.nodes;
}

async function readPresentRows(ports: FilePorts, shown: string): Promise<readonly NamedPlacement[]> {
  const rows = await readRows(ports, shown, ['node', 'replica', 'devices']);
  const placed = rows.map((row) => {
    const devices = row.text('devices');
    if (!/^(\d{1,2}(\|\d{1,2})*)?$/.test(devices)) {
      throw row.invalid(`devices is "${devices.slice(0, 40)}", and is to be indices like 0|1`);
    }
    const indices = devices === '' ? [] : devices.split('|').map(Number);
    return { node: row.text('node'), replica: row.text('replica'), devices: indices };
  });
  return [...Map.groupBy(placed, ({ node }) => node)].map(([node, own]) => ({
    node,
    held: own.map(({ replica, devices }) => ({ replica, devices })),
  }));
}
