import type { DeviceFacts } from '../../core/pool/node-facts.ts';
import type { PreflightCheck } from '../../core/pool/preflight/preflight.ts';

/** A file whose reads are timed. */
export interface TriedFile {
  readonly location: string;
  /** As people named it. */
  readonly shown: string;
}

export interface TrialBounds {
  /** The trials end within this time; what was not reached is unknown. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * What an active preflight tries on the machine that it runs on. Trials never throw for what they find: a driver that hangs, crashes
 * or refuses is a check that fails.
 */
export interface NodeTrials {
  /** Copies within the memory of the machine, from and to each NUMA node. */
  tryMemory(bounds: TrialBounds): Promise<readonly PreflightCheck[]>;
  /** Reads of files from the disk and from memory; of each no more than its first 256 MiB. */
  tryStorage(files: readonly TriedFile[], bounds: TrialBounds): Promise<readonly PreflightCheck[]>;
  /**
   * Memory, copies, kernels and peers of the accelerators.
   * @param devices what is known of them: names, links and NUMA nodes come from here
   * @param onBusy whether devices are tried of which others use more than a tenth
   */
  tryDevices(devices: readonly DeviceFacts[], onBusy: boolean, bounds: TrialBounds): Promise<readonly PreflightCheck[]>;
}
