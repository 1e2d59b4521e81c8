import type { Clock } from '../../ports/process/clock.ts';
import { segmentBytesAtMost } from '../../schemas/monitoring/sample-segment.ts';
import type { GatewayLog } from '../log.ts';
import type { CaptureSink, FinishedCapture } from './capture-sink.ts';
import { encodeRecords, makeSampleRecord, type SampleRecord } from './sample-record.ts';
import type { SpoolFolder } from './spool-folder.ts';

/** What is captured is on disk 100 ms after the end of its answer: this wait, and the time to write. */
const flushMs = 80;
/** A segment is sent at the latest so long after its first record. */
const segmentMs = 1000;
/** Encoded in one turn of the loop. */
const recordsAtOnce = 64;
const writeBytes = 256 * 1024;
/** Longer records are dropped. With what is written beside it, a segment still holds one. */
const recordBytesAtMost = segmentBytesAtMost - writeBytes;
/** Of bodies that wait to be written. */
const queuedBytesAtMost = 8 * 1024 * 1024;
/** What a captured request takes beside its bodies. */
const overheadBytes = 2048;

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
  #queue: FinishedCapture[] = [];
  #queuedBytes = 0;
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
    const bytes = sizeOf(capture);
    if (this.#queuedBytes + bytes > queuedBytesAtMost || this.#parts.signal.aborted) {
      this.counts.dropped += 1;
      return;
    }
    this.#queuedBytes += bytes;
    this.#queue.push(capture);
    if (!this.#isRunning) void this.#run();
  }

  /** Writes what waits, and lets the segment be sent. */
  async close(): Promise<void> {
    await this.flush();
    await this.#closeSegment();
  }

  /** Resolves when what was offered so far is written or dropped. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeQueue());
    return this.#writing;
  }

  /** While there is something to write, or a segment to close. */
  async #run(): Promise<void> {
    const { folder, clock, signal } = this.#parts;
    this.#isRunning = true;
    while (!signal.aborted && (this.#queue.length > 0 || folder.isOpen)) {
      await clock.sleep(flushMs, signal).catch(() => undefined);
      await this.flush();
      if (folder.isOpen && clock.monotonicMs() - this.#openedMs >= segmentMs) await this.#closeSegment();
    }
    this.#isRunning = false;
  }

  async #writeQueue(): Promise<void> {
    while (this.#queue.length > 0) {
      let records: SampleRecord[] = [];
      let bytes = 0;
      for (const capture of this.#queue.splice(0, recordsAtOnce)) {
        this.#queuedBytes -= sizeOf(capture);
        const record = makeSampleRecord(capture, this.#parts.owner);
        if (!this.#hasRoom(bytes, record.bytesAtMost)) {
          this.counts.dropped += 1;
          continue;
        }
        records.push(record);
        bytes += record.bytesAtMost;
        if (bytes < writeBytes) continue;
        await this.#write(records);
        [records, bytes] = [[], 0];
      }
      if (records.length > 0) await this.#write(records);
    }
  }

  #hasRoom(unwrittenBytes: number, recordBytes: number): boolean {
    if (recordBytes > recordBytesAtMost) return false;
    return this.#parts.folder.bytes + unwrittenBytes + recordBytes <= this.#limitBytes;
  }

  async #write(records: readonly SampleRecord[]): Promise<void> {
    const { folder, clock, log } = this.#parts;
    const wasOpen = folder.isOpen;
    try {
      await folder.append(encodeRecords(records));
      this.counts.captured += records.length;
      if (!wasOpen) this.#openedMs = clock.monotonicMs();
      this.#isFailing = false;
    } catch (thrown) {
      this.counts.dropped += records.length;
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

function sizeOf({ request, response }: FinishedCapture): number {
  return request.body.bytes + response.body.bytes + overheadBytes;
}
