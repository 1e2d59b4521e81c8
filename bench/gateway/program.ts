import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A server that a benchmark started; it prints its port, or listens on one that it was given. */
export interface Program {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a Node program that prints its port as the first line of its output. */
export async function startPrinting(args: readonly string[]): Promise<Program> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.split('\n', 1)[0] ?? '');
    });
    child.once('exit', (status) => reject(new Error(`${args.join(' ')} exited with ${status}`)));
  });
  return programOf(child, `http://127.0.0.1:${port}`);
}

/** Starts a program that listens on the port it was given, and waits until it does. */
export async function startListening(
  command: string,
  args: readonly string[],
  port: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const child = spawn(command, args, { stdio: 'ignore', env: { ...process.env, ...env } });
  const program = programOf(child, `http://127.0.0.1:${port}`);
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null) throw new Error(`${command} exited with ${child.exitCode}`);
    const answer = await fetch(program.url).catch(() => null);
    if (answer !== null) {
      await answer.body?.cancel();
      return program;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await program.stop();
  throw new Error(`${command} did not listen on ${port} within 30 s`);
}

function programOf(child: ChildProcess, url: string): Program {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    url,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM');
      const cut = setTimeout(() => child.kill('SIGKILL'), 5000);
      await gone;
      clearTimeout(cut);
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
