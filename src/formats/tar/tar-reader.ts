import { blockBytes, tarLimits, type TarEntry, type TarLimits } from './tar-entry.ts';
import { tarDamaged } from './tar-errors.ts';
import { paddedBytes, TarHeaders, type TarStep } from './tar-headers.ts';

/** Takes the content of one entry as it goes by. The bytes are only lent: copy what must stay. */
export interface TarSink {
  write(bytes: Uint8Array): void;
  /** The reader waits for it before it goes on. */
  end(): Promise<void> | void;
}

/** Reads an archive that goes by in pieces of any size, and never holds more of it than one header. */
export class TarReader {
  readonly #open: (entry: TarEntry) => TarSink | null;
  readonly #headers: TarHeaders;
  readonly #block = new Uint8Array(blockBytes);
  #blockFilled = 0;
  #state: 'block' | 'meta' | 'content' | 'padding' | 'end' = 'block';
  #meta = new Uint8Array();
  /** Bytes of the present state that are still to come. */
  #left = 0;
  #padding = 0;
  #sink: TarSink | null = null;

  /** `open` says for each entry who takes its content; null when nobody does. */
  constructor(open: (entry: TarEntry) => TarSink | null, limits: TarLimits = tarLimits) {
    this.#open = open;
    this.#headers = new TarHeaders(limits);
  }

  get entries(): number {
    return this.#headers.entries;
  }

  /** @throws PlimsollError `tar-damaged`, `tar-too-large` (input). */
  async write(chunk: Uint8Array): Promise<void> {
    let at = 0;
    while (at < chunk.length && !this.#isAtEnd) {
      if (this.#state === 'block') at = this.#fillBlock(chunk, at);
      else {
        const taken = Math.min(this.#left, chunk.length - at);
        this.#take(chunk.subarray(at, at + taken));
        at += taken;
      }
      if (this.#hasBytesToTake && this.#left === 0) await this.#advance();
    }
  }

  get #isAtEnd(): boolean {
    return this.#state === 'end';
  }

  get #hasBytesToTake(): boolean {
    return this.#state !== 'block' && this.#state !== 'end';
  }

  /** Call after the last byte. @throws PlimsollError `tar-damaged` when something was still to come. */
  finish(): void {
    const whole = this.#state === 'end' || (this.#state === 'block' && this.#blockFilled === 0 && this.#headers.mayEnd);
    if (!whole) throw tarDamaged('it ends in the middle of an entry');
  }

  #fillBlock(chunk: Uint8Array, from: number): number {
    const taken = Math.min(blockBytes - this.#blockFilled, chunk.length - from);
    this.#block.set(chunk.subarray(from, from + taken), this.#blockFilled);
    this.#blockFilled += taken;
    if (this.#blockFilled === blockBytes) {
      this.#blockFilled = 0;
      this.#follow(this.#headers.block(this.#block));
    }
    return from + taken;
  }

  #follow(step: TarStep): void {
    this.#state = 'block';
    if (step.kind === 'end') this.#state = 'end';
    if (step.kind === 'meta') {
      this.#state = 'meta';
      this.#meta = new Uint8Array(step.bytes);
      this.#left = step.bytes;
      this.#padding = paddedBytes(step.bytes) - step.bytes;
    }
    if (step.kind === 'entry') {
      const { bytes } = step.entry;
      this.#sink = this.#open(step.entry);
      this.#state = 'content';
      this.#left = bytes;
      this.#padding = paddedBytes(bytes) - bytes;
    }
  }

  #take(bytes: Uint8Array): void {
    if (this.#state === 'meta') this.#meta.set(bytes, this.#meta.length - this.#left);
    else if (this.#state === 'content') this.#sink?.write(bytes);
    this.#left -= bytes.length;
  }

  /** The present state has all of its bytes. */
  async #advance(): Promise<void> {
    if (this.#state === 'padding') {
      if (this.#meta.length === 0) this.#state = 'block';
      else {
        const meta = this.#meta;
        this.#meta = new Uint8Array();
        this.#follow(this.#headers.meta(meta));
      }
      return;
    }
    if (this.#state === 'content') {
      const sink = this.#sink;
      this.#sink = null;
      if (sink !== null) await sink.end();
    }
    this.#state = 'padding';
    this.#left = this.#padding;
    if (this.#left === 0) await this.#advance();
  }
}
