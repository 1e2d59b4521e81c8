/** One request of a pair, as long as it is of use. */
export class PairedRequest {
  readonly isCanary: boolean;
  /** The other request of its pair, once there is one. */
  partner: PairedRequest | null = null;
  /** Null while it is open, and for one that says nothing: then its pair is none. */
  isMissed: boolean | null = null;
  readonly #tell: (isCanaryMissed: boolean) => void;

  constructor(isCanary: boolean, tell: (isCanaryMissed: boolean) => void) {
    this.isCanary = isCanary;
    this.#tell = tell;
  }

  /** Called once at most. */
  end(isMissed: boolean): void {
    this.isMissed = isMissed;
    const other = this.partner?.isMissed ?? null;
    if (other !== null && other !== isMissed) this.#tell(this.isCanary === isMissed);
  }
}

/**
 * Pairs requests of one client, one sent to each arm: a request takes the newest one before it that went to the other arm and
 * has no partner. Pairs are made when requests are sent, before anything is known of their ends, so that no end chooses its
 * partner. A client keeps one request without a partner; of clients the newest ones.
 */
export class MissPairs {
  readonly #open = new Map<string, PairedRequest>();
  readonly #clientsAtMost: number;

  constructor(clientsAtMost: number) {
    this.#clientsAtMost = clientsAtMost;
  }

  /** @param tell which request of a pair was missed, where exactly one was. */
  begin(client: string, isCanary: boolean, tell: (isCanaryMissed: boolean) => void): PairedRequest {
    const made = new PairedRequest(isCanary, tell);
    const open = this.#open.get(client);
    this.#open.delete(client);
    if (open !== undefined && open.isCanary !== isCanary) {
      made.partner = open;
      open.partner = made;
      return made;
    }
    if (this.#open.size >= this.#clientsAtMost) this.#forgetOldest();
    this.#open.set(client, made);
    return made;
  }

  get size(): number {
    return this.#open.size;
  }

  #forgetOldest(): void {
    for (const oldest of this.#open.keys()) {
      this.#open.delete(oldest);
      return;
    }
  }
}
