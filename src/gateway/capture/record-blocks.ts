import { encodeRecord, type SampleRecord } from './sample-record.ts';

/** Records in one piece, ready to be written. */
export interface RecordBlock {
  readonly bytes: Uint8Array;
  readonly records: number;
  /** What `bytes` are a part of. */
  readonly memory: Buffer;
}

const blockBytes = 256 * 1024;
/** What comes in 80 ms at 10 MB/s. */
const spareAtMost = 3;

/**
 * Encoded records that wait to be written. They are copied out of the objects of their requests at once, so that those die
 * young: objects that wait cost the garbage collector more than the copy. Blocks are used again: V8 counts the bytes of each
 * new one, and began a full collection after every 3 MB of them.
 */
export class RecordBlocks {
  #full: RecordBlock[] = [];
  #spare: Buffer[] = [];
  #present: Buffer | null = null;
  #records = 0;
  #used = 0;
  /** Of all blocks. */
  bytes = 0;

  add(record: SampleRecord): void {
    if (this.#present !== null && this.#used + record.bytesAtMost > this.#present.byteLength) this.#closeBlock();
    const block = (this.#present ??= this.#takeMemory(record.bytesAtMost));
    const end = encodeRecord(record, block, this.#used);
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

  /** A block that was taken is over: its memory is used again. */
  giveBack({ memory }: RecordBlock): void {
    if (memory.byteLength === blockBytes && this.#spare.length < spareAtMost) this.#spare.push(memory);
  }

  /** Nothing comes for a while. */
  freeSpare(): void {
    this.#spare = [];
  }

  #takeMemory(bytes: number): Buffer {
    const spare = bytes > blockBytes ? undefined : this.#spare.pop();
    return spare ?? Buffer.allocUnsafeSlow(Math.max(blockBytes, bytes));
  }

  #closeBlock(): void {
    const memory = this.#present;
    if (memory === null || this.#records === 0) return;
    this.#full.push({ bytes: memory.subarray(0, this.#used), records: this.#records, memory });
    this.#present = null;
    this.#records = 0;
    this.#used = 0;
  }
}
