import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findSteadyPort } from '../steady-port.ts';

export const missingPrograms = ['docker-registry', 'skopeo', 'tar'].filter(
  (name) => spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status !== 0,
);

/** `ann` and `secret`, as `htpasswd -B` writes them; the cost is the least there is. */
const passwords = 'ann:$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n';

/** Debian's docker-registry on loopback, with its images in a folder of the test. */
export class RealRegistry {
  readonly host: string;
  readonly #process: ChildProcess;

  private constructor(host: string, process: ChildProcess) {
    this.host = host;
    this.#process = process;
  }

  static async start(folder: string, options: { readonly auth: boolean }): Promise<RealRegistry> {
    mkdirSync(folder, { recursive: true });
    const host = `127.0.0.1:${await findSteadyPort()}`;
    writeFileSync(path.join(folder, 'passwords'), passwords);
    const auth = `auth:\n  htpasswd:\n    realm: tests\n    path: ${path.join(folder, 'passwords')}\n`;
    const config = `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: ${path.join(folder, 'storage')} } }
http: { addr: "${host}" }
${options.auth ? auth : ''}`;
    const file = path.join(folder, 'config.yml');
    writeFileSync(file, config);
    const child = spawn('docker-registry', ['serve', file], { stdio: 'ignore' });
    const registry = new RealRegistry(host, child);
    await registry.#answering();
    return registry;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    await gone;
  }

  async #answering(): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      if (this.#process.exitCode !== null) throw new Error(`docker-registry ended with ${this.#process.exitCode}`);
      const answered = await fetch(`http://${this.host}/v2/`).then(
        ({ status }) => status === 200 || status === 401,
        () => false,
      );
      if (answered) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('docker-registry does not answer');
  }
}

export function skopeo(...args: readonly string[]): void {
  const run = spawnSync('skopeo', ['--insecure-policy', ...args], { encoding: 'utf8', timeout: 60_000 });
  if (run.status !== 0) throw new Error(`skopeo ${args.join(' ')} ended with ${run.status}: ${run.stderr}`);
}
