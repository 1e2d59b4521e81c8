import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import type { WriteDurably } from '../../ports/process/write-durably.ts';
import { servicesFileSchema, type GatewayServices, type ServicesFile } from '../../schemas/gateway/gateway-fleet.ts';
import { LatestFile } from '../following/latest-file.ts';
import { ownerName } from '../following/owner-name.ts';
import { RoutingFileKeeper } from '../following/routing-file.ts';
import { serviceKey } from './services-acceptance.ts';

interface Owner {
  readonly service: string;
  readonly environment: string;
}

/** What a fleet gateway that starts again without its control plane serves on with: `run/fleet-ID/` of the state folder. */
export class KeptServices {
  readonly #folder: string;
  readonly #writeDurably: WriteDurably;
  readonly #list: LatestFile;
  /** One for each file for as long as it may be written, so that what was wished for last is what is there. */
  readonly #tables = new Map<string, RoutingFileKeeper>();

  constructor(stateFolder: string, gatewayId: string, writeDurably: WriteDurably) {
    this.#folder = path.join(stateFolder, 'run', `fleet-${gatewayId}`);
    this.#writeDurably = writeDurably;
    this.#list = new LatestFile(this.#listFile, 'writing the list of services', writeDurably);
  }

  get #listFile(): string {
    return path.join(this.#folder, 'services.json');
  }

  /** Null when there is no list; a reason when it cannot be read: then no file is touched. */
  async read(): Promise<ServicesFile | null | { readonly reason: string }> {
    try {
      return servicesFileSchema.parse(JSON.parse(await readFile(this.#listFile, 'utf8')));
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null;
      return { reason: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  }

  /** The last table of a service; null where there is none. */
  readTable(owner: Owner): Promise<RoutingTable | null> {
    return this.tableOf(owner).read();
  }

  /** Resolves when this list or a newer one is on disk. */
  async writeList({ services }: GatewayServices, gone: Iterable<string>): Promise<void> {
    const content: ServicesFile = { format: 1, services, gone: [...gone] };
    await this.#list.write(content);
  }

  tableOf(owner: Owner): RoutingFileKeeper {
    const key = serviceKey(owner);
    const keeper = this.#tables.get(key) ?? new RoutingFileKeeper(this.#fileOf(owner), this.#writeDurably);
    this.#tables.set(key, keeper);
    return keeper;
  }

  /** A service that left has no table. @param isHeld whether it came back meanwhile. */
  async removeTable(owner: Owner, isHeld: () => boolean): Promise<void> {
    const keeper = this.tableOf(owner);
    await keeper.remove();
    if (!isHeld()) this.#tables.delete(serviceKey(owner));
  }

  /** Removes the tables of services that left just before the process was killed. */
  async removeOthers({ services }: GatewayServices): Promise<void> {
    const wanted = new Set(services.map((owner) => path.basename(this.#fileOf(owner))));
    for (const name of await readdir(this.#folder)) {
      if (name.startsWith('routing-') && !wanted.has(name)) await rm(path.join(this.#folder, name), { force: true });
    }
  }

  /** Resolves when no write is under way. */
  async settled(): Promise<void> {
    await Promise.all([this.#list, ...this.#tables.values()].map((file) => file.settled()));
  }

  #fileOf(owner: Owner): string {
    return path.join(this.#folder, `routing-${ownerName(owner)}.json`);
  }
}
