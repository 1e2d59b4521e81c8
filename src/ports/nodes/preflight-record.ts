import type { DeviceFacts } from '../../core/pool/node-facts.ts';
import type { Preflight } from '../../core/pool/preflight/preflight.ts';

/** What was measured, why it does not hold any more, or null where nothing was ever measured here. */
export type RecordedPreflight = { readonly preflight: Preflight } | { readonly reason: string } | null;

/** The last active preflight of this machine, kept where every later command of the machine finds it. */
export interface PreflightRecord {
  /** Where it is kept, for people. */
  readonly file: string;
  /** @throws PlimsollError as `WriteDurably` does */
  keep(preflight: Preflight, devices: readonly DeviceFacts[] | null): Promise<void>;
  /** One of before a reboot, or of other devices or another driver, is none. */
  read(devices: readonly DeviceFacts[] | null): Promise<RecordedPreflight>;
}
