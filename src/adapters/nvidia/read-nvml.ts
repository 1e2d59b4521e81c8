import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { deviceFactsSchema } from '../../schemas/pool/node-facts.ts';
import { runBounded } from './bounded-program.ts';
import type { NvmlReading } from './nvml-reading.ts';

const reading: z.ZodType<NvmlReading> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('read'),
    devices: z.array(deviceFactsSchema).max(256),
    missing: z.string().nullable(),
    placementsNeedRoot: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('failed'), reason: z.string(), mismatch: z.literal(true).exactOptional() }),
]);

/** Boards without a persistence daemon are initialised one after the other, a second or two each. */
const nvmlTimeoutMs = 60_000;
const mostBytes = 4 * 1024 * 1024;

/** NVML in a process of its own, so that a driver that hangs or crashes takes no one else along. */
export async function readNvml(
  file: string,
  signal: AbortSignal,
  { timeoutMs = nvmlTimeoutMs, worker = fileURLToPath(new URL('./nvml-worker.ts', import.meta.url)) } = {},
): Promise<NvmlReading> {
  const end = await runBounded(process.execPath, ['--disable-warning=ExperimentalWarning', worker, file], {
    timeoutMs,
    mostBytes,
    signal,
  });
  if (end.kind === 'failed') return { kind: 'failed', reason: `NVML: ${end.reason}` };
  try {
    // What a library prints by itself stands before the answer.
    const answer = new TextDecoder().decode(end.out).trimEnd().split('\n').at(-1) ?? '';
    return reading.parse(JSON.parse(answer));
  } catch {
    const how = end.exit === null ? 'the process was killed' : `the process ended with ${end.exit}`;
    return { kind: 'failed', reason: `NVML gave no answer: ${how}${end.err === '' ? '' : ` (${lastLine(end.err)})`}` };
  }
}

const lastLine = (text: string): string => text.split('\n').at(-1)?.slice(0, 200) ?? '';
