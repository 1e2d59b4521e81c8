import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ownerOnly, type WriteDurably } from '../../ports/process/write-durably.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { routingFileSchema, type RoutingFile } from '../../schemas/gateway/routing.ts';

/** The last routing generation, kept so that a gateway restarted without its control plane serves on. */
export class RoutingFileKeeper {
  readonly #file: string;
  readonly #writeDurably: WriteDurably;
  #latest: RoutingTable | null = null;
  #writing: Promise<void> | null = null;

  constructor(stateFolder: string, gatewayId: string, writeDurably: WriteDurably) {
    this.#file = path.join(stateFolder, 'run', `routing-${gatewayId}.json`);
    this.#writeDurably = writeDurably;
  }

  /** Null when there is none, or what is there cannot be read or parsed: the control plane will send one. */
  async read(): Promise<RoutingTable | null> {
    try {
      return routingFileSchema.parse(JSON.parse(await readFile(this.#file, 'utf8'))).table;
    } catch {
      return null;
    }
  }

  /** Resolves when no write is under way. */
  async settled(): Promise<void> {
    while (this.#writing !== null) await this.#writing.catch(() => undefined);
  }

  /** Resolves when this table or a newer one is on disk. Of tables that come during a write only the last is written. */
  async write(table: RoutingTable): Promise<void> {
    this.#latest = table;
    await this.settled();
    if (this.#latest !== table) return;
    const content: RoutingFile = { format: 1, table };
    const how = { doing: 'writing the routing table', mode: ownerOnly };
    this.#writing = this.#writeDurably(this.#file, `${JSON.stringify(content)}\n`, how);
    try {
      await this.#writing;
    } finally {
      this.#writing = null;
    }
  }
}
