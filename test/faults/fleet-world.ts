import { spawn, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFileBlobs } from '../../src/adapters/files/blobs.ts';
import { readToken, startTokenFile } from '../../src/adapters/http-control/run-files.ts';
import { makeProcessIdentity } from '../../src/adapters/processes/process-table/process-identity.ts';
import { programsOf } from '../../src/adapters/processes/process-table/programs-of.ts';
import { makeProcessTable } from '../../src/adapters/processes/process-table/this-machine.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { machineFacts } from '../../src/adapters/system/machine.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import type { StoredEvent } from '../../src/core/records/event.ts';
import type { ServiceView } from '../../src/schemas/view/view.ts';
import { aReleaseRequest } from '../../src/testing/builders/release-fixture.ts';
import { ownProgram } from '../../src/testing/rigs/own-program.ts';
import { findSteadyPort } from '../steady-port.ts';
import type { TinyModel } from './tiny-model.ts';

const table = makeProcessTable();

const contract = (service: string): string => `apiVersion: plimsoll.dev/v1
service: ${service}
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: "1" }
scaling: { signal: queue-depth, replicas: { min: 1, max: 1 } }
`;

/** Several services under one `plimsoll up`, each in a folder of its own and with one replica. */
export class FleetWorld {
  readonly folder: string;
  readonly services: readonly string[];
  readonly pageUrl: string;
  readonly gatewayUrl: string;
  #up: ChildProcess | null = null;

  private constructor(folder: string, services: readonly string[], pagePort: number, gatewayPort: number) {
    this.folder = folder;
    this.services = services;
    this.pageUrl = `http://127.0.0.1:${pagePort}`;
    this.gatewayUrl = `http://127.0.0.1:${gatewayPort}`;
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

  get stateFolder(): string {
    return path.join(this.folder, '.plimsoll');
  }

  get upPid(): number {
    return this.#up?.pid ?? 0;
  }

  startUp(): void {
    const log = openSync(path.join(this.folder, 'up.log'), 'a');
    const listen = ['--listen', new URL(this.pageUrl).host, '--gateway-listen', new URL(this.gatewayUrl).host];
    this.#up = spawn(process.execPath, [ownProgram, 'up', ...this.services, ...listen], {
      cwd: this.folder,
      stdio: ['ignore', log, log],
    });
  }

  upLog(): Promise<string> {
    return readFile(path.join(this.folder, 'up.log'), 'utf8');
  }

  programPid(name: 'gateway' | 'control-plane'): number {
    return programsOf(this.stateFolder, name, table)[0]?.pid ?? 0;
  }

  /** Releases the model to every service; resolves once all of them serve it. */
  async release(model: TinyModel): Promise<void> {
    const blobs = makeFileBlobs({
      folder: path.join(this.stateFolder, 'blobs'),
      identity: makeProcessIdentity(),
      clock: systemClock,
      random: systemRandom,
    });
    await blobs.put(model.bytes);
    const { name, digest, file, signature } = model;
    const token = (await readToken(startTokenFile(this.stateFolder))) ?? '';
    for (const service of this.services) {
      const request = await aReleaseRequest(blobs, 1, {
        service,
        contract: { code: { command: ['plimsoll', 'serve-model'] }, scaling: { replicas: { min: 1, max: 1 } } },
        model: { name, version: 1, digest, format: 'onnx', files: [file], signature },
        goldenSet: model.golden(),
        machine: machineFacts(),
        waivers: [{ kind: 'rollback', reason: 'the test drills nothing', untilMs: 1e13 }],
      });
      const answer = await fetch(`${this.pageUrl}/v1/releases`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(request),
      });
      if (!answer.ok) throw new Error(`the release of ${service} answered ${answer.status}: ${await answer.text()}`);
    }
    await this.untilServing('all services serve');
  }

  /** Null while the control plane does not answer for every service. */
  async views(): Promise<readonly ServiceView[] | null> {
    try {
      return await Promise.all(this.services.map((service) => this.#read<ServiceView>('/v1/view', { service })));
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
      this.services.map((service) => this.#read<StoredEvent[]>('/v1/events', { service, limit: '1000' })),
    );
  }

  async gatewayReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.gatewayUrl}/plimsoll/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  }

  async until(what: string, holds: () => Promise<boolean> | boolean, timeoutMs = 120_000): Promise<void> {
    const giveUpMs = performance.now() + timeoutMs;
    while (!(await holds())) {
      if (performance.now() > giveUpMs) {
        throw new Error(
          `${what} did not come about in ${timeoutMs} ms; up said:\n${(await this.upLog()).slice(-3_000)}`,
        );
      }
      await delay(50);
    }
  }

  async close(): Promise<{ readonly status: number | null; readonly left: number }> {
    const up = this.#up;
    let status: number | null = null;
    if (up !== null && up.exitCode === null && up.signalCode === null) {
      up.kill('SIGTERM');
      status = await new Promise<number | null>((resolve) => up.once('exit', resolve));
    }
    const left = table.marked({ PLIMSOLL_HOME: this.stateFolder });
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    return { status, left: left.length };
  }

  async #read<T>(route: string, query: Readonly<Record<string, string>>): Promise<T> {
    const url = `${this.pageUrl}${route}?${new URLSearchParams(query).toString()}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
    return (await answer.json()) as T;
  }
}
