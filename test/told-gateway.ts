import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer, json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { RoutingTable } from '../src/core/rollout/routing/routing.ts';
import { gatewayReportSchema, type CanaryCounts, type GatewayReport } from '../src/schemas/gateway/gateway-report.ts';
import { readSegment } from '../src/control-plane/monitoring/read-segment.ts';
import type { CapturedSample } from '../src/core/monitoring/samples/sample.ts';
import { ownProgram } from '../src/testing/rigs/own-program.ts';

/** A real gateway process, and the side of its control plane: it is told tables, and its reports are kept. */
export class ToldGateway {
  readonly folder: string;
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();
  readonly #intervals = new Map<number, CanaryCounts>();
  #child: ChildProcess | null = null;
  #latest: GatewayReport | null = null;
  #table: RoutingTable | null = null;
  readonly #segments = new Map<string, readonly CapturedSample[]>();
  url = '';
  /**
   * What becomes of a segment: it is recorded and acknowledged; recorded by a control plane that dies before it answers; or
   * nobody is there.
   */
  segments: 'taken' | 'recorded' | 'away' = 'taken';
  /** Segments that came, those that came again among them. */
  received = 0;

  private constructor(folder: string) {
    this.folder = folder;
    this.#server = createServer((req, res) => {
      if (req.method === 'GET') this.#follow(res);
      else if (req.url?.includes('/samples?') === true) void this.#takeSegment(req, res).catch(() => undefined);
      else
        void json(req).then((body) => {
          this.#take(gatewayReportSchema.parse(body));
          res.writeHead(204).end();
        });
    });
  }

  static async open(): Promise<ToldGateway> {
    const told = new ToldGateway(await mkdtemp(path.join(tmpdir(), 'plimsoll-told-')));
    await new Promise<void>((resolve) => told.#server.listen(0, '127.0.0.1', resolve));
    await told.start();
    return told;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves once the gateway has applied it. */
  async tell(table: RoutingTable): Promise<void> {
    this.#table = table;
    for (const res of this.#streams) res.write(eventOf(table));
    await this.until(() => this.#latest?.acknowledgedGeneration === table.generation);
  }

  /** What was counted in one step, each interval once. */
  async countsOf(step: number, enough: (counts: StepSum) => boolean): Promise<StepSum> {
    await this.until(() => enough(this.sum(step)));
    return this.sum(step);
  }

  sum(step: number): StepSum {
    const units: Record<number, number> = {};
    const errors: Record<number, number> = {};
    const reasons: Record<string, number> = {};
    let [compared, agreed] = [0, 0];
    for (const counts of this.#intervals.values()) {
      if (counts.step.step !== step) continue;
      for (const { release, units: arms } of counts.releases) {
        units[release] = (units[release] ?? 0) + arms.warm.units + arms.cold.units;
        errors[release] = (errors[release] ?? 0) + arms.warm.errors + arms.cold.errors;
      }
      compared += counts.agreement?.compared ?? 0;
      agreed += counts.agreement?.agreed ?? 0;
      for (const [reason, times] of Object.entries(counts.agreement?.reasons ?? {})) {
        reasons[reason] = (reasons[reason] ?? 0) + times;
      }
    }
    return { units, errors, compared, agreed, reasons };
  }

  /** Captured requests of all segments, each segment once. */
  get samples(): readonly CapturedSample[] {
    return [...this.#segments.values()].flat();
  }

  get latest(): GatewayReport | null {
    return this.#latest;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    await rm(path.join(this.folder, 'run/gateway.json'), { force: true });
  }

  /** Starts the gateway, and resolves when it listens. */
  async start(): Promise<void> {
    const { port } = this.#server.address() as AddressInfo;
    const args = ['gateway', '--service', 'tiny', '--state', this.folder, '--listen', '127.0.0.1:0'];
    this.#child = spawn(process.execPath, [ownProgram, ...args, '--control-plane', `http://127.0.0.1:${port}`], {
      cwd: this.folder,
      stdio: 'ignore',
    });
    this.url = '';
    await this.until(async () => {
      const text = await readFile(path.join(this.folder, 'run/gateway.json'), 'utf8').catch(() => null);
      this.url = text === null ? '' : (JSON.parse(text) as { readonly address: string }).address;
      return this.url !== '';
    });
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child !== null && child.exitCode === null) {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
    }
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.folder, { recursive: true, force: true });
  }

  #follow(res: ServerResponse): void {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write(this.#table === null ? ': hello\n\n' : eventOf(this.#table));
    this.#streams.add(res);
    res.on('close', () => this.#streams.delete(res));
  }

  async #takeSegment(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const samples = readSegment(await buffer(req));
    this.received += 1;
    const query = new URLSearchParams(req.url?.split('?')[1]);
    const sequence = Number(query.get('sequence'));
    if (this.segments !== 'away') this.#segments.set(`${query.get('spool')} ${sequence}`, samples);
    if (this.segments === 'taken') res.end(JSON.stringify({ acknowledged: sequence }));
    else res.destroy();
  }

  #take(report: GatewayReport): void {
    this.#latest = report;
    for (const counts of report.counts ?? []) this.#intervals.set(counts.sequence, counts);
  }

  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    const giveUpMs = performance.now() + 60_000;
    while (!(await holds())) {
      if (performance.now() > giveUpMs)
        throw new Error(`not in 60 s; the last report: ${JSON.stringify(this.#latest)}`);
      await delay(20);
    }
  }
}

export interface StepSum {
  readonly units: Readonly<Record<number, number>>;
  readonly errors: Readonly<Record<number, number>>;
  readonly compared: number;
  readonly agreed: number;
  readonly reasons: Readonly<Record<string, number>>;
}

const eventOf = (table: RoutingTable): string => `event: routing\ndata: ${JSON.stringify(table)}\n\n`;
