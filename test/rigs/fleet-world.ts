import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { StoredEvent } from '../../src/core/records/event.ts';
import { isRouted } from '../../src/prove/drill/await-release.ts';
import type { ServiceView } from '../../src/schemas/view/view.ts';
import { findSteadyPort } from '../steady-port.ts';
import { RunningUp } from './running-up.ts';
import type { TinyModel } from './tiny-model.ts';

const contract = (service: string): string => `apiVersion: plimsoll.dev/v1
service: ${service}
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: "1" }
scaling: { signal: queue-depth, replicas: { min: 1, max: 1 } }
`;

/** Several services under one `plimsoll up`, each in a folder of its own and with one replica. */
export class FleetWorld extends RunningUp {
  readonly services: readonly string[];

  private constructor(folder: string, services: readonly string[], pagePort: number, gatewayPort: number) {
    super({ folder, services, pagePort, gatewayPort, patienceMs: 120_000 });
    this.services = services;
  }

  static async open(services: readonly string[]): Promise<FleetWorld> {
    const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-fleet-'));
    for (const service of services) {
      await mkdir(path.join(folder, service));
      await writeFile(path.join(folder, service, 'plimsoll.yaml'), contract(service));
    }
    const page = await findSteadyPort();
    const world = new FleetWorld(folder, services, page, await findSteadyPort());
    world.startUp();
    await world.until('the control plane answers', async () => (await world.views()) !== null);
    return world;
  }

  /** Releases the model, which the first service shares with the others, to every service; resolves once all of them serve it. */
  async release(model: TinyModel): Promise<void> {
    const [owner = ''] = this.services;
    for (const service of this.services) {
      const request = await this.makeRelease(service, model, { scaling: { replicas: { min: 1, max: 1 } } });
      const shared = { environment: request.environment, kind: 'model', name: model.name, with: service };
      if (service !== owner) await this.post(`/v1/artifacts/shares?service=${owner}`, shared);
      await this.post('/v1/releases', request);
    }
    await this.untilServing('all services serve');
    // The gateway starts beside the control plane, and may be the later one of the two.
    await this.until('the gateway routes to all', async () => (await this.views())?.every(isRouted) === true);
  }

  /** Null while the control plane does not answer for every service. */
  async views(): Promise<readonly ServiceView[] | null> {
    try {
      return await Promise.all(this.services.map((service) => this.read<ServiceView>('/v1/view', { service })));
    } catch {
      return null;
    }
  }

  /** Pids of the replicas, by service, once each service has one that is admitted and no other. */
  async untilServing(what: string): Promise<readonly (number | null)[]> {
    let pids: readonly (number | null)[] = [];
    await this.until(what, async () => {
      const views = (await this.views()) ?? [];
      pids = views.map(({ replicas }) => replicas[0]?.pid ?? null);
      const serves = ({ deployment, replicas }: ServiceView): boolean =>
        deployment?.phase === 'live' &&
        replicas.length === 1 &&
        replicas.every(({ admitted, state }) => admitted && state === 'ready');
      return views.length === this.services.length && views.every(serves);
    });
    return pids;
  }

  /** Of each service, its newest thousand at most. */
  async events(): Promise<readonly (readonly StoredEvent[])[]> {
    return Promise.all(
      this.services.map((service) => this.read<StoredEvent[]>('/v1/events', { service, limit: '1000' })),
    );
  }
}
