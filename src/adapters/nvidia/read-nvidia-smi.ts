import type { NodeFacts } from '../../core/pool/node-facts.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nodeFactsOfNvidiaSmi } from '../../formats/nvidia-smi-xml/node-facts-of-nvidia-smi.ts';
import { runBounded } from './bounded-program.ts';
import { findOnPath } from './find-on-path.ts';

export type NvidiaSmiReading =
  | { readonly kind: 'read'; readonly devices: NodeFacts['devices']; readonly incomplete: string | null }
  | { readonly kind: 'failed'; readonly reason: string };

/** Columns that every driver from 525 on has. */
const queryColumns = [
  'index',
  'uuid',
  'name',
  'pci.bus_id',
  'pci.device_id',
  'compute_cap',
  'driver_version',
  'memory.total',
].join(',');

const smiTimeoutMs = 60_000;
const mostBytes = 16 * 1024 * 1024;

/** The three outputs of nvidia-smi, the XML being the one that must be there. */
export async function readNvidiaSmi(
  searchPath: string,
  signal: AbortSignal,
  { timeoutMs = smiTimeoutMs } = {},
): Promise<NvidiaSmiReading> {
  const program = await findOnPath('nvidia-smi', searchPath);
  if (program === null) return { kind: 'failed', reason: 'nvidia-smi is not on PATH' };
  const run = (...args: string[]) => runBounded(program, args, { timeoutMs, mostBytes, signal });
  const xml = await run('-q', '-x');
  if (xml.kind === 'failed') return { kind: 'failed', reason: `nvidia-smi: ${xml.reason}` };
  if (xml.exit !== 0) return { kind: 'failed', reason: `nvidia-smi says: ${firstLine(xml.out, xml.err)}` };
  const csv = await run(`--query-gpu=${queryColumns}`, '--format=csv');
  const list = await run('-L');
  const outputs = {
    xml: xml.out,
    csv: csv.kind === 'ended' && csv.exit === 0 ? csv.out : undefined,
    list: list.kind === 'ended' && list.exit === 0 ? list.out : undefined,
    name: 'this machine',
    takenAtMs: 0,
  };
  try {
    const { devices, unknown } = nodeFactsOfNvidiaSmi(outputs);
    return { kind: 'read', devices, incomplete: unknown['devices'] ?? null };
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    return { kind: 'failed', reason: thrown.message };
  }
}

function firstLine(out: Uint8Array, err: string): string {
  const line = `${new TextDecoder().decode(out.subarray(0, 2000))}\n${err}`.trim().split('\n')[0];
  return line === undefined || line === '' ? 'nothing, and it failed' : line.slice(0, 200);
}
