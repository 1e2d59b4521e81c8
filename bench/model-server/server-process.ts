import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** One server under measurement, started by the bench and ended by its pid. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Finds the port in what the server printed; null until it is there. */
  readonly portIn: (printed: string) => number | null;
  /** Answers 200 once the server serves. */
  readonly readyPath: string | null;
  readonly startTimeoutMs: number;
}

export async function startServer(command: ServerCommand): Promise<ServerProcess> {
  const child = spawn(command.file, command.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...command.env },
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      if (printed.length < 100_000) printed += chunk.toString();
    });
  }
  const url = await waitReady(child, command, () => printed);
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGTERM');
      await Promise.race([ended, delay(5000)]);
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

async function waitReady(child: ChildProcess, command: ServerCommand, printed: () => string): Promise<string> {
  const endAtMs = performance.now() + command.startTimeoutMs;
  while (performance.now() < endAtMs) {
    if (child.exitCode !== null) throw new Error(`${command.file} ended: ${printed().slice(-2000)}`);
    const port = command.portIn(printed());
    const url = `http://127.0.0.1:${port}`;
    if (port !== null && (await isReady(url, command.readyPath))) return url;
    await delay(50);
  }
  child.kill('SIGKILL');
  throw new Error(`${command.file} was not ready in ${command.startTimeoutMs} ms: ${printed().slice(-2000)}`);
}

async function isReady(url: string, readyPath: string | null): Promise<boolean> {
  if (readyPath === null) return true;
  try {
    return (await fetch(url + readyPath)).ok;
  } catch {
    return false;
  }
}
