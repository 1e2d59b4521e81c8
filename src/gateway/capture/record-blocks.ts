import { encodeRecord, type SampleRecord } from './sample-record.ts';

/** Records in one piece, ready to be written. */
export interface RecordBlock {
  readonly bytes: Uint8Array;
  readonly records: number;
}

const blockBytes = 256 * 1024;

/**
 * Encoded records that wait to be written. They are copied out of the objects of their requests at once, so that those die
 * young: objects that wait cost the garbage collector more than the copy.
 */
export class RecordBlocks {
  #full: RecordBlock[] = [];
  #present: Buffer | null = null;
  #records = 0;
  #used = 0;
  /** Of all blocks. */
  bytes = 0;

  add(record: SampleRecord): void {
    if (this.#present !== null && this.#used + record.bytesAtMost > this.#present.byteLength) this.#closeBlock();
    this.#present ??= Buffer.allocUnsafeSlow(Math.max(blockBytes, record.bytesAtMost));
    const end = encodeRecord(record, this.#present, this.#used);
    this.bytes += end - this.#used;
    this.#used = end;
    this.#records += 1;
  }

  /** All of them, oldest first. */
  take(): readonly RecordBlock[] {
    this.#closeBlock();
    const blocks = this.#full;
    this.#full = [];
    this.bytes = 0;
    return blocks;
  }

  #closeBlock(): void {
    if (this.#present === null || this.#records === 0) return;
    this.#full.push({ bytes: this.#present.subarray(0, this.#used), records: this.#records });
    this.#present = null;
    this.#records = 0;
    this.#used = 0;
  }
}
