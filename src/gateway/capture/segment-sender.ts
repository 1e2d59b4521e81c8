import type { Clock } from '../../ports/process/clock.ts';
import type { Random } from '../../ports/process/random.ts';
import { segmentAnswerSchema, splitSegment } from '../../schemas/monitoring/sample-segment.ts';
import { parseEvent } from '../following/control-plane-link.ts';
import type { GatewayLog } from '../log.ts';
import { backoffMs } from '../routes/backoff.ts';
import type { Segment, SpoolFolder } from './spool-folder.ts';

const retryBaseMs = 250;
const retryCapMs = 30_000;

/** Null when the control plane did not answer. */
export type PostSegment = (
  segment: Segment,
  records: Uint8Array,
  signal: AbortSignal,
) => Promise<{ readonly status: number; readonly text: string } | null>;

export interface SegmentSenderParts {
  readonly folder: SpoolFolder;
  readonly post: PostSegment;
  readonly clock: Clock;
  readonly random: Pick<Random, 'next'>;
  readonly log: GatewayLog;
  /** So many captured requests are lost. */
  lost(captures: number): void;
}

/** Sends the segments of one spool, oldest first, each until the control plane has it. */
export class SegmentSender {
  readonly #parts: SegmentSenderParts;
  #wake: () => void = () => undefined;
  /**
   * What the last segment was read into, until the next full collection. V8 counts the bytes of new memory: with as much
   * for each segment it began a full collection after every few of them.
   */
  #memory: WeakRef<Uint8Array> | null = null;

  constructor(parts: SegmentSenderParts) {
    this.#parts = parts;
  }

  /** There may be a segment to send. */
  wake(): void {
    this.#wake();
  }

  /** Until aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, folder, random } = this.#parts;
    let failures = 0;
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    while (!signal.aborted) {
      const segment = folder.oldest;
      if (segment === null) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      failures = (await this.#send(segment, signal)) ? 0 : failures + 1;
      if (failures === 0) continue;
      await clock.sleep(backoffMs(failures, retryBaseMs, retryCapMs, random.next()), signal).catch(() => undefined);
    }
  }

  /** False when it is to be sent again. */
  async #send(segment: Segment, signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#trySend(segment, signal);
    } catch (thrown) {
      this.#parts.log('capture.not-sent', { reason: String(thrown) });
      return false;
    }
  }

  /**
   * | answer | the segment |
   * |---|---|
   * | it is acknowledged | is removed |
   * | 400, 413, 415 or 422: it cannot be read there | is removed, and what it holds is lost |
   * | anything else, or none | is sent again later |
   */
  async #trySend(segment: Segment, signal: AbortSignal): Promise<boolean> {
    const { folder, post, log, lost } = this.#parts;
    const memory = this.#takeMemory(segment.bytes);
    const records = await folder.read(segment, memory);
    if (records.byteLength > 0) {
      const answer = await post(segment, records, signal);
      if (answer === null) return false;
      const { status, text } = answer;
      if (refusals.has(status)) {
        log('capture.refused', { status, answer: text.slice(0, 500) });
        lost(splitSegment(records).length);
      } else if (status >= 300 || acknowledgedBy(text) < segment.sequence) return false;
      // Of another answer it is not known whether all was sent.
      else this.#memory = new WeakRef(memory);
    }
    await folder.remove(segment);
    return true;
  }

  #takeMemory(bytes: number): Uint8Array {
    const held = this.#memory?.deref();
    this.#memory = null;
    return held !== undefined && held.byteLength >= bytes ? held : new Uint8Array(bytes);
  }
}

const refusals: ReadonlySet<number> = new Set([400, 413, 415, 422]);

function acknowledgedBy(text: string): number {
  const parsed = parseEvent(text, segmentAnswerSchema);
  return 'value' in parsed ? parsed.value.acknowledged : 0;
}
