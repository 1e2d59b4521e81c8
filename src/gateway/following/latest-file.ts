import { rm } from 'node:fs/promises';
import { ownerOnly, type WriteDurably } from '../../ports/process/write-durably.ts';

/** A file of which only the newest content counts. */
export class LatestFile {
  readonly #file: string;
  readonly #doing: string;
  readonly #writeDurably: WriteDurably;
  #latest: object | null = null;
  #writing: Promise<void> | null = null;

  constructor(file: string, doing: string, writeDurably: WriteDurably) {
    this.#file = file;
    this.#doing = doing;
    this.#writeDurably = writeDurably;
  }

  /** Resolves when no write is under way. */
  async settled(): Promise<void> {
    while (this.#writing !== null) await this.#writing.catch(() => undefined);
  }

  /** Resolves when this content or a newer one is on disk. Of those that come during a write only the last is written. */
  async write(content: object): Promise<void> {
    await this.#follow(content, () => {
      const how = { doing: this.#doing, mode: ownerOnly };
      return this.#writeDurably(this.#file, `${JSON.stringify(content)}\n`, how);
    });
  }

  /** Resolves when the file is gone, or newer content is on disk. */
  async remove(): Promise<void> {
    await this.#follow({}, () => rm(this.#file, { force: true }));
  }

  async #follow(wanted: object, change: () => Promise<void>): Promise<void> {
    this.#latest = wanted;
    await this.settled();
    if (this.#latest !== wanted) return;
    this.#writing = change();
    try {
      await this.#writing;
    } finally {
      this.#writing = null;
    }
  }
}
