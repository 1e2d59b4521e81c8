/** Below it a body mostly comes in one piece, which is taken as it is. */
const bytesAtLeast = 64 * 1024;
const bytesAtMost = 1024 * 1024;
const keptBytesAtMost = 4 * 1024 * 1024;

/**
 * Memory for bodies of several pieces, used again for the next: memory that the system has to hand out anew for each body,
 * and the collector to take back, costs the server more than reading it.
 */
export class ReusedMemory {
  #free: Uint8Array[] = [];
  #keptBytes = 0;

  /** Room for `bytes`, whatever is in it; null for a size that is not worth keeping. */
  take(bytes: number): Uint8Array | null {
    if (!(bytes >= bytesAtLeast && bytes <= bytesAtMost)) return null;
    const found = this.#free.findIndex((room) => room.length >= bytes);
    const [room] = found === -1 ? [] : this.#free.splice(found, 1);
    if (room === undefined) return new Uint8Array(2 ** Math.ceil(Math.log2(bytes)));
    this.#keptBytes -= room.length;
    return room;
  }

  giveBack(room: Uint8Array): void {
    if (this.#keptBytes + room.length > keptBytesAtMost) return;
    this.#free.push(room);
    this.#keptBytes += room.length;
  }
}
