import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { segmentBytesAtMost } from '../../schemas/monitoring/sample-segment.ts';

/** A segment that nobody writes to any more. */
export interface Segment {
  readonly name: string;
  readonly spoolId: string;
  readonly sequence: number;
  readonly bytes: number;
}

interface OpenSegment {
  readonly handle: FileHandle;
  readonly name: string;
  bytes: number;
}

/** `SPOOL-SEQUENCE.seg`, and `.PID.open` after it while process PID writes to it. */
const segmentName = /^([0-9a-f]{32})-(\d{10})\.seg(?:\.(\d{1,10})\.open)?$/;

/**
 * The segments of one service on disk: one that is written to, and others that wait to be sent, oldest first. Segments of a
 * process before this one keep its spool id, so that each is the same segment whoever sends it.
 */
export class SpoolFolder {
  readonly #folder: string;
  readonly #spoolId: string;
  readonly #waiting: Segment[] = [];
  #open: OpenSegment | null = null;
  #sequence = 0;
  #bytes = 0;

  /** @param spoolId of this process: 32 hexadecimal digits that no other one has. */
  constructor(folder: string, spoolId: string) {
    this.#folder = folder;
    this.#spoolId = spoolId;
  }

  /** Of all segments. */
  get bytes(): number {
    return this.#bytes;
  }

  get isOpen(): boolean {
    return this.#open !== null;
  }

  get oldest(): Segment | null {
    return this.#waiting[0] ?? null;
  }

  /** Takes over what processes before this one left. */
  async takeOver(): Promise<void> {
    const names = await readdir(this.#folder).catch(ifMissing([]));
    for (const name of names.sort()) {
      const [, spoolId = '', sequence = '', pid] = segmentName.exec(name) ?? [];
      if (spoolId === '' || (pid !== undefined && isWriting(Number(pid)))) continue;
      const closed = pid === undefined ? name : await this.#closeName(name);
      const { size } = await stat(path.join(this.#folder, closed));
      this.#bytes += size;
      this.#waiting.push({ name: closed, spoolId, sequence: Number(sequence), bytes: size });
    }
  }

  /**
   * Writes whole records, all of them or none. They survive the death of this process, not that of the machine.
   * @throws what the file system says.
   */
  async append(records: Uint8Array): Promise<void> {
    if (this.#open !== null && this.#open.bytes + records.byteLength > segmentBytesAtMost) await this.close();
    const segment = (this.#open ??= await this.#openNext());
    try {
      const { bytesWritten } = await segment.handle.write(records);
      if (bytesWritten < records.byteLength) throw new Error('the disk is full');
      segment.bytes += records.byteLength;
      this.#bytes += records.byteLength;
    } catch (thrown) {
      await segment.handle.truncate(segment.bytes).catch(() => undefined);
      await this.close().catch(() => undefined);
      throw thrown;
    }
  }

  /** What was written so far can be sent. */
  async close(): Promise<void> {
    const segment = this.#open;
    if (segment === null) return;
    this.#open = null;
    await segment.handle.close();
    const name = await this.#closeName(segment.name);
    this.#waiting.push({ name, spoolId: this.#spoolId, sequence: this.#sequence, bytes: segment.bytes });
  }

  /** @param into where its bytes go: as many as it has, or more. */
  async read({ name, bytes }: Segment, into: Uint8Array = new Uint8Array(bytes)): Promise<Uint8Array> {
    const handle = await open(path.join(this.#folder, name), 'r');
    try {
      let at = 0;
      for (let read = -1; at < bytes && read !== 0; at += read) {
        read = (await handle.read(into, at, bytes - at, at)).bytesRead;
      }
      return into.subarray(0, at);
    } finally {
      await handle.close();
    }
  }

  async remove(segment: Segment): Promise<void> {
    await rm(path.join(this.#folder, segment.name), { force: true });
    const at = this.#waiting.indexOf(segment);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    this.#bytes -= segment.bytes;
  }

  /** Removes everything. */
  async destroy(): Promise<void> {
    await this.#open?.handle.close();
    this.#open = null;
    this.#waiting.length = 0;
    this.#bytes = 0;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #openNext(): Promise<OpenSegment> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const sequence = this.#sequence + 1;
    const name = `${this.#spoolId}-${String(sequence).padStart(10, '0')}.seg.${process.pid}.open`;
    const handle = await open(path.join(this.#folder, name), 'ax', 0o600);
    this.#sequence = sequence;
    return { handle, name, bytes: 0 };
  }

  async #closeName(name: string): Promise<string> {
    const closed = name.replace(/\.\d+\.open$/, '');
    await rename(path.join(this.#folder, name), path.join(this.#folder, closed));
    return closed;
  }
}

/** A process of this number that is another one than this. The same number is that of the process before in a container. */
function isWriting(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return codeOf(thrown) === 'EPERM';
  }
}

const ifMissing =
  <T>(value: T) =>
  (thrown: unknown): T => {
    if (codeOf(thrown) === 'ENOENT') return value;
    throw thrown;
  };

const codeOf = (thrown: unknown): unknown => (thrown instanceof Error && 'code' in thrown ? thrown.code : undefined);
