import * as z from 'zod';
import { preflightKinds, type Preflight, type PreflightCheck } from '../../core/pool/preflight/preflight.ts';

const rate = z.number().nonnegative();

export const preflightCheckSchema: z.ZodType<PreflightCheck> = z.strictObject({
  kind: z.enum(preflightKinds),
  of: z.string().min(1).max(500),
  verdict: z.enum(['pass', 'fail', 'unknown']),
  reason: z.string().min(1).max(1000).nullable(),
  bytesPerSecond: rate.exactOptional(),
  ceilingBytesPerSecond: rate.exactOptional(),
});

/** What an active preflight measured, in facts of a node and in the record that it leaves. */
export const preflightSchema: z.ZodType<Preflight> = z.strictObject({
  takenAtMs: z.number().nonnegative(),
  tookMs: z.number().nonnegative(),
  checks: z.array(preflightCheckSchema).max(5_000),
});

const recordFormat = 'plimsoll.dev/preflight/v1';
/** Sixteen devices with their peers are 100 kB. */
const mostBytes = 4 * 1024 * 1024;

/** A preflight as its machine keeps it, with what it holds for. */
export interface KeptPreflight {
  /** Of the kernel: another one after each start of the machine. */
  readonly bootId: string;
  /** Digest of the devices and their driver. */
  readonly devices: string;
  readonly preflight: Preflight;
}

const kept = z.strictObject({
  format: z.literal(recordFormat),
  bootId: z.string(),
  devices: z.string(),
  preflight: preflightSchema,
});

export const writeRecordedPreflight = (record: KeptPreflight): string =>
  `${JSON.stringify({ format: recordFormat, ...record })}\n`;

/** Null where it is none that this version reads. */
export function readRecordedPreflight(bytes: Uint8Array): KeptPreflight | null {
  if (bytes.length > mostBytes) return null;
  try {
    return kept.parse(JSON.parse(new TextDecoder().decode(bytes)), { jitless: true });
  } catch {
    return null;
  }
}
