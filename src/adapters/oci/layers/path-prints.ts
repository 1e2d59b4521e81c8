import { hash } from 'node:crypto';

/** 48 bits: among a million paths one question in 300 million is answered wrongly, and 6 bytes a path can be kept. */
const printBytes = 6;

const printOf = (path: string): number => hash('sha256', path, 'buffer').readUIntBE(0, printBytes);

/**
 * The set of a layer's paths, for the question whether an upper layer has anything at the path of a lower one. The paths
 * themselves would take some hundred MB in a large image.
 */
export class PathPrints {
  #prints: Float64Array;
  #count: number;
  #isSorted: boolean;

  constructor(kept = '') {
    const bytes = Buffer.from(kept, 'base64');
    this.#count = Math.floor(bytes.length / printBytes);
    this.#prints = new Float64Array(Math.max(64, this.#count));
    for (let at = 0; at < this.#count; at += 1) this.#prints[at] = bytes.readUIntBE(at * printBytes, printBytes);
    this.#isSorted = false;
  }

  add(path: string): void {
    if (this.#count === this.#prints.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#prints);
      this.#prints = larger;
    }
    this.#prints[this.#count] = printOf(path);
    this.#count += 1;
    this.#isSorted = false;
  }

  has(path: string): boolean {
    this.#sort();
    const wanted = printOf(path);
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#prints[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low < this.#count && this.#prints[low] === wanted;
  }

  /** What the constructor takes. */
  toText(): string {
    this.#sort();
    const bytes = Buffer.alloc(this.#count * printBytes);
    for (let at = 0; at < this.#count; at += 1) bytes.writeUIntBE(this.#prints[at] ?? 0, at * printBytes, printBytes);
    return bytes.toString('base64');
  }

  #sort(): void {
    if (this.#isSorted) return;
    this.#prints = this.#prints.subarray(0, this.#count).sort();
    this.#isSorted = true;
  }
}
