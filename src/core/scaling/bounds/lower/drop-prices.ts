/** `prices[from[k] + j]`: requests that dropping j quanta of what is due in cell k costs at least; j below `from[k + 1] - from[k]`. */
export interface PricedDrops {
  readonly from: Int32Array;
  readonly prices: Float64Array;
}

/** Of each cell in turn: sorts what is due by size, and prices each quantum by the largest requests first. */
export class DropPrices {
  readonly #quantumMs: number;
  readonly #from: Int32Array;
  readonly #prices: number[] = [];
  #cell = 0;
  #costsMs: number[] = [];

  constructor(cells: number, quantumMs: number) {
    this.#quantumMs = quantumMs;
    this.#from = new Int32Array(cells + 1);
  }

  /** Deadlines come in order, as arrivals do. */
  take(cell: number, costMs: number): void {
    while (this.#cell < cell) this.#close();
    this.#costsMs.push(costMs);
  }

  finish(): PricedDrops {
    while (this.#cell < this.#from.length - 1) this.#close();
    return { from: this.#from, prices: Float64Array.from(this.#prices) };
  }

  /**
   * A quantum costs `quantum / size` requests, where size is of the request at the quantum's beginning: no later one in it is
   * larger, so that the price is never above the true one.
   */
  #close(): void {
    const costsMs = Float64Array.from(this.#costsMs).sort().reverse();
    let [price, passedMs] = [0, 0];
    this.#prices.push(0);
    let quantum = 0;
    for (const costMs of costsMs) {
      while (quantum * this.#quantumMs < passedMs + costMs) {
        price += this.#quantumMs / costMs;
        this.#prices.push(price);
        quantum += 1;
      }
      passedMs += costMs;
    }
    this.#costsMs = [];
    this.#cell += 1;
    this.#from[this.#cell] = this.#prices.length;
  }
}
