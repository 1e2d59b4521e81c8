import type { NotifyTarget } from '../../core/contract/notify-target.ts';
import type { AlertMessage } from '../../core/monitoring/notify/alert.ts';

/** Takes messages to where people read them. */
export interface AlertSender {
  /**
   * Sends a message to one target, as its service: secrets that are not granted to the service are not read.
   * @throws PlimsollError `notify-not-allowed` (refused), `notify-address-invalid` (input), `notify-failed` (unavailable),
   *   `notify-rejected` (refused: another attempt would be too),
   *   and those of secrets; none shows an address beyond its server. Rejects with the reason of the signal.
   */
  send(target: NotifyTarget, message: AlertMessage, signal: AbortSignal): Promise<void>;
}

/** What became of a test message at one target. */
export interface TestedTarget {
  /** Without the path of its address. */
  readonly target: string;
  readonly isSent: boolean;
  /** Why not, and what to do; null where it was sent. */
  readonly problem: string | null;
  readonly next: string | null;
}
