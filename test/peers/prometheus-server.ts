import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findSteadyPort } from '../steady-port.ts';

/** Debian's package `prometheus`. */
export const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0;

/** How often it scrapes; a test waits a few of these. */
export const scrapeEveryMs = 200;

/** A real Prometheus on a free port of the loopback interface, which scrapes what it is told, with its data in a folder of its own. */
export class PrometheusServer {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-prometheus-'));
  #child: ChildProcess | null = null;
  #port = 0;
  #said = '';

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.#port}`);
  }

  async start(targets: readonly string[]): Promise<void> {
    this.#port = await findSteadyPort();
    const config = {
      global: { scrape_interval: `${scrapeEveryMs}ms`, scrape_timeout: `${scrapeEveryMs}ms` },
      scrape_configs: [{ job_name: 'replicas', static_configs: [{ targets }] }],
    };
    // YAML takes JSON.
    const file = path.join(this.#folder, 'prometheus.yml');
    writeFileSync(file, JSON.stringify(config));
    this.#child = spawn(
      'prometheus',
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${path.join(this.#folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${this.#port}`,
        '--query.lookback-delta=5m',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#child.stderr?.on('data', (text: Buffer) => (this.#said = (this.#said + text.toString()).slice(-4_000)));
    await this.#until(async () => (await fetch(new URL('/-/ready', this.url))).status === 200, 'to be ready');
  }

  /** Waits until a query gives what is asked for: the server has then scraped it. */
  async until(query: string, holds: (values: readonly string[]) => boolean): Promise<void> {
    const url = new URL('/api/v1/query', this.url);
    url.searchParams.set('query', query);
    await this.#until(async () => {
      const answer = (await (await fetch(url)).json()) as { data: { result: { value: [number, string] }[] } };
      return holds(answer.data.result.map(({ value }) => value[1]));
    }, `to answer ${query}`);
  }

  async #until(holds: () => Promise<boolean>, what: string): Promise<void> {
    const giveUpAtMs = Date.now() + 20_000;
    while (Date.now() < giveUpAtMs) {
      if (await holds().catch(() => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`waited 20 s for prometheus ${what}; it says:\n${this.#said}`);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child !== null && child.exitCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
