/** Work that nobody waits for until the end: what it uses must not be closed under it. */
export class Beside {
  readonly #running = new Set<Promise<unknown>>();

  run(work: Promise<unknown>): void {
    const done = (): void => void this.#running.delete(settled);
    const settled: Promise<void> = work.then(done, done);
    this.#running.add(settled);
  }

  async settle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }
}
