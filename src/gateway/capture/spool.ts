import type { Clock } from '../../ports/process/clock.ts';
import { segmentBytesAtMost } from '../../schemas/monitoring/sample-segment.ts';
import type { GatewayLog } from '../log.ts';
import type { CaptureSink, FinishedCapture } from './capture-sink.ts';
import { RecordBlocks, type RecordBlock } from './record-blocks.ts';
import { makeSampleRecord } from './sample-record.ts';
import type { SpoolFolder } from './spool-folder.ts';

/** What is captured is on disk 100 ms after the end of its answer: this wait, and the time to write. */
const flushMs = 80;
/** A segment is closed so long after its first record, or when those before it are sent, whichever comes last. */
const segmentMs = 1000;
/** Longer records are dropped. With what is written beside it, a segment still holds one. */
const recordBytesAtMost = segmentBytesAtMost - 256 * 1024;
/** Of records that wait to be written. */
const waitingBytesAtMost = 8 * 1024 * 1024;

export interface SpoolParts {
  readonly folder: SpoolFolder;
  /** Names the service in digests of keys. */
  readonly owner: string;
  readonly clock: Clock;
  readonly log: GatewayLog;
  /** Aborted at the end. */
  readonly signal: AbortSignal;
}

/**
 * Captured requests of one service on their way to the disk.
 *
 * | what happens | what is lost |
 * |---|---|
 * | the spool is full | what comes next, until the control plane took some of it |
 * | the disk does not take it | what was to be written |
 * | more comes than is written | what comes next |
 * | the process is killed | what came in the last 100 ms |
 */
export class Spool implements CaptureSink {
  readonly counts = { captured: 0, dropped: 0 };
  readonly #parts: SpoolParts;
  /** Told when there is a segment to send. */
  segmentClosed: () => void = () => undefined;
  #limitBytes = Infinity;
  readonly #blocks = new RecordBlocks();
  /** Blocks that are being written. */
  #writingBytes = 0;
  #openedMs = 0;
  #isRunning = false;
  #isFailing = false;
  /** What is done on the disk, one after the other. */
  #writing: Promise<void>;

  constructor(parts: SpoolParts) {
    this.#parts = parts;
    this.#writing = this.#try('capture.not-read', () => parts.folder.takeOver());
  }

  limit(spoolBytes: number): void {
    this.#limitBytes = spoolBytes;
  }

  offer(capture: FinishedCapture): void {
    if (this.#parts.signal.aborted || !this.#keep(capture)) {
      this.counts.dropped += 1;
      return;
    }
    if (!this.#isRunning) void this.#run();
  }

  /** Writes what waits, and lets the segment be sent. */
  async close(): Promise<void> {
    await this.flush();
    await this.#closeSegment();
  }

  /** Resolves when what was offered so far is written or dropped. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeBlocks());
    return this.#writing;
  }

  /** While there is something to write, or a segment to close. */
  async #run(): Promise<void> {
    const { folder, clock, signal } = this.#parts;
    this.#isRunning = true;
    while (!signal.aborted && (this.#blocks.bytes > 0 || folder.isOpen)) {
      await clock.sleep(flushMs, signal).catch(() => undefined);
      await this.flush();
      if (this.#isSegmentDue()) await this.#closeSegment();
    }
    this.#isRunning = false;
    this.#blocks.freeSpare();
  }

  /**
   * Segments are sent one by one, and an answer takes as long as the control plane gathers. So a segment grows while others
   * wait: the spool keeps up with steady traffic, however slow the answers are.
   */
  #isSegmentDue(): boolean {
    const { folder, clock } = this.#parts;
    return folder.isOpen && folder.oldest === null && clock.monotonicMs() - this.#openedMs >= segmentMs;
  }

  /** False where it has no room. Where its bodies alone have none, it is not encoded: a full spool costs little. */
  #keep(capture: FinishedCapture): boolean {
    if (!this.#hasRoom(capture.request.body.bytes + capture.response.body.bytes)) return false;
    const record = makeSampleRecord(capture, this.#parts.owner);
    if (!this.#hasRoom(record.bytesAtMost)) return false;
    this.#blocks.add(record);
    return true;
  }

  #hasRoom(recordBytes: number): boolean {
    const waitingBytes = this.#blocks.bytes + this.#writingBytes + recordBytes;
    if (recordBytes > recordBytesAtMost || waitingBytes > waitingBytesAtMost) return false;
    return this.#parts.folder.bytes + waitingBytes <= this.#limitBytes;
  }

  async #writeBlocks(): Promise<void> {
    const blocks = this.#blocks.take();
    this.#writingBytes = blocks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    for (const block of blocks) {
      await this.#write(block);
      this.#writingBytes -= block.bytes.byteLength;
      this.#blocks.giveBack(block);
    }
  }

  async #write({ bytes, records }: RecordBlock): Promise<void> {
    const { folder, clock, log } = this.#parts;
    const wasOpen = folder.isOpen;
    try {
      await folder.append(bytes);
      this.counts.captured += records;
      if (!wasOpen) this.#openedMs = clock.monotonicMs();
      this.#isFailing = false;
    } catch (thrown) {
      this.counts.dropped += records;
      if (!this.#isFailing) log('capture.not-written', { reason: String(thrown) });
      this.#isFailing = true;
    }
    if (folder.oldest !== null) this.segmentClosed();
  }

  async #closeSegment(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#try('capture.not-closed', () => this.#parts.folder.close()));
    await this.#writing;
  }

  async #try(event: string, action: () => Promise<void>): Promise<void> {
    const { folder, log } = this.#parts;
    try {
      await action();
    } catch (thrown) {
      log(event, { reason: String(thrown) });
    }
    if (folder.oldest !== null) this.segmentClosed();
  }
}
