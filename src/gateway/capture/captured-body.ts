/** Keeps references to the chunks of one body, up to a bound. */
export class CapturedBody {
  readonly chunks: Uint8Array[] = [];
  readonly #limitBytes: number;
  bytes = 0;
  /** More came than is kept. */
  cut = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  keep(chunk: Uint8Array): void {
    const room = this.#limitBytes - this.bytes;
    if (chunk.byteLength > room) this.cut = true;
    if (room <= 0) return;
    this.chunks.push(chunk.byteLength > room ? chunk.subarray(0, room) : chunk);
    this.bytes += Math.min(room, chunk.byteLength);
  }
}
