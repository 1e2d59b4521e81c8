import type { Clock } from '../../ports/process/clock.ts';
import { segmentBytesAtMost } from '../../schemas/monitoring/sample-segment.ts';
import type { GatewayLog } from '../log.ts';
import type { CaptureSink, FinishedCapture } from './capture-sink.ts';
import { makeSampleLine } from './sample-line.ts';
import type { SpoolFolder } from './spool-folder.ts';

/** What is captured is on disk so long after the end of its answer, at the latest twice as long. */
const flushMs = 50;
/** A segment is sent at the latest so long after its first line. */
const segmentMs = 1000;
/** Encoded in one turn of the loop. */
const linesAtOnce = 32;
const writeBytes = 256 * 1024;
/** Longer lines are dropped. With what is written beside it, a segment still holds one. */
const lineBytesAtMost = segmentBytesAtMost - writeBytes;
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
      const captures = this.#queue.splice(0, linesAtOnce);
      let lines: string[] = [];
      let bytes = 0;
      for (const capture of captures) {
        this.#queuedBytes -= sizeOf(capture);
        const line = makeSampleLine(capture, this.#parts.owner);
        const lineBytes = Buffer.byteLength(line);
        if (!this.#hasRoom(bytes, lineBytes)) {
          this.counts.dropped += 1;
          continue;
        }
        lines.push(line);
        bytes += lineBytes;
        if (bytes < writeBytes) continue;
        await this.#write(lines);
        [lines, bytes] = [[], 0];
      }
      if (lines.length > 0) await this.#write(lines);
    }
  }

  #hasRoom(unwrittenBytes: number, lineBytes: number): boolean {
    if (lineBytes > lineBytesAtMost) return false;
    return this.#parts.folder.bytes + unwrittenBytes + lineBytes <= this.#limitBytes;
  }

  async #write(lines: readonly string[]): Promise<void> {
    const { folder, clock, log } = this.#parts;
    const wasOpen = folder.isOpen;
    try {
      await folder.append(Buffer.from(lines.join('')));
      this.counts.captured += lines.length;
      if (!wasOpen) this.#openedMs = clock.monotonicMs();
      this.#isFailing = false;
    } catch (thrown) {
      this.counts.dropped += lines.length;
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
