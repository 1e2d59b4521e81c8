import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { WriteDurably } from '../../ports/process/write-durably.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { routingFileSchema, type RoutingFile } from '../../schemas/gateway/routing.ts';
import { LatestFile } from './latest-file.ts';

/** Of a gateway of one service. */
export function routingFileOf(stateFolder: string, gatewayId: string): string {
  return path.join(stateFolder, 'run', `routing-${gatewayId}.json`);
}

/** The last routing generation, kept so that a gateway restarted without its control plane serves on. */
export class RoutingFileKeeper {
  readonly #path: string;
  readonly #file: LatestFile;

  constructor(file: string, writeDurably: WriteDurably) {
    this.#path = file;
    this.#file = new LatestFile(file, 'writing the routing table', writeDurably);
  }

  /** Null when there is none, or what is there cannot be read or parsed: the control plane will send one. */
  async read(): Promise<RoutingTable | null> {
    try {
      return routingFileSchema.parse(JSON.parse(await readFile(this.#path, 'utf8'))).table;
    } catch {
      return null;
    }
  }

  /** Resolves when no write is under way. */
  settled(): Promise<void> {
    return this.#file.settled();
  }

  /** Resolves when this table or a newer one is on disk. */
  write(table: RoutingTable): Promise<void> {
    const content: RoutingFile = { format: 1, table };
    return this.#file.write(content);
  }

  /** Resolves when the file is gone, or a newer table is on disk. */
  remove(): Promise<void> {
    return this.#file.remove();
  }
}
