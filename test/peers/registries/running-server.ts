import { type ChildProcess, spawn } from 'node:child_process';
import { findSteadyPort } from '../../steady-port.ts';

/** The first start of MLflow on a machine compiles some thousand Python files, beside other tests. */
const patienceMs = 150_000;

/** A program of somebody else on a free port of loopback, for as long as a test needs it. */
export class RunningServer {
  readonly origin: string;
  readonly #child: ChildProcess;

  private constructor(origin: string, child: ChildProcess) {
    this.origin = origin;
    this.#child = child;
  }

  static async start(
    file: string,
    argsOf: (port: number) => readonly string[],
    options: { readonly readyPath: string; readonly env?: Record<string, string>; readonly port?: number },
  ): Promise<RunningServer> {
    const port = options.port ?? (await findSteadyPort());
    // A group of its own: gunicorn and uvicorn have workers.
    const child = spawn(file, argsOf(port), {
      stdio: 'ignore',
      detached: true,
      env: { ...process.env, ...options.env },
    });
    const server = new RunningServer(`http://127.0.0.1:${port}`, child);
    for (const giveUpMs = performance.now() + patienceMs; performance.now() < giveUpMs;) {
      if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode}`);
      const status = await fetch(`${server.origin}${options.readyPath}`).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status !== 0 && status < 500) return server;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await server.stop();
    throw new Error(`${file} does not answer`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    process.kill(-this.#child.pid, 'SIGKILL');
    await gone;
  }
}
