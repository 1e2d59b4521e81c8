const minuteMs = 60_000;
const windowMinutes = 5;
const requestsAtLeast = 20;

/**
 * Lowest attainment of five minutes, by when requests arrived. It holds the minutes of which a request is still under way and
 * those after them, and the last five that are over: as many as the longest request lasts, however long the trace is.
 */
export class WorstWindow {
  /** First minute that is not over; the arrays begin with it. */
  #minute: number;
  readonly #endMinute: number;
  #open: { arrived: number; kept: number; left: number }[] = [];
  /** Arrived and kept of the minutes that are over, the last five. */
  #past: { arrived: number; kept: number }[] = [];
  worstShare: number | null = null;

  /** Windows lie between these two moments. */
  constructor(fromMs: number, endMs: number) {
    this.#minute = Math.ceil(fromMs / minuteMs);
    this.#endMinute = Math.floor(endMs / minuteMs);
  }

  arrived(atMs: number): void {
    const minute = this.#at(atMs);
    if (minute === null) return;
    minute.arrived += 1;
    minute.left += 1;
  }

  /** @param kept answered within the latency. */
  ended(arrivedAtMs: number, kept: boolean): void {
    const index = Math.floor(arrivedAtMs / minuteMs) - this.#minute;
    const minute = this.#open[index];
    if (index < 0 || minute === undefined) return;
    minute.left -= 1;
    if (kept) minute.kept += 1;
  }

  /** All that arrived has ended. */
  finish(): void {
    this.#reach(this.#endMinute);
  }

  #at(atMs: number): { arrived: number; kept: number; left: number } | null {
    const wanted = Math.floor(atMs / minuteMs);
    if (wanted >= this.#endMinute || wanted < this.#minute) return null;
    const last = this.#minute + this.#open.length - 1;
    if (wanted > last) this.#reach(wanted);
    return this.#open[wanted - this.#minute] ?? null;
  }

  /** Opens all minutes up to `minute` and with it; those before it that nothing is left of are over. */
  #reach(minute: number): void {
    this.#closeBefore(minute);
    if (this.#open.length === 0 && minute - this.#minute > windowMinutes) {
      // A long silence: five empty minutes say all of it.
      for (let empty = 0; empty < windowMinutes; empty += 1) this.#close({ arrived: 0, kept: 0 });
      this.#minute = minute;
    }
    while (this.#minute + this.#open.length <= minute) this.#open.push({ arrived: 0, kept: 0, left: 0 });
    this.#closeBefore(minute);
  }

  #closeBefore(minute: number): void {
    let over = 0;
    for (let each = this.#open[0]; each?.left === 0 && this.#minute + over < minute; each = this.#open[over]) {
      this.#close(each);
      over += 1;
    }
    if (over > 0) this.#open = this.#open.slice(over);
    this.#minute += over;
  }

  #close(minute: { arrived: number; kept: number }): void {
    this.#past.push(minute);
    if (this.#past.length > windowMinutes) this.#past.shift();
    if (this.#past.length < windowMinutes) return;
    let [arrived, kept] = [0, 0];
    for (const each of this.#past) {
      arrived += each.arrived;
      kept += each.kept;
    }
    if (arrived >= requestsAtLeast) this.worstShare = Math.min(this.worstShare ?? 1, kept / arrived);
  }
}
