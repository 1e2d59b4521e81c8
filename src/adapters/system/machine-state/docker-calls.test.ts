import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readClone3 } from './docker-calls.ts';

let folder: string;
let server: Server | null = null;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-docker-'));
});
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => {
    if (server === null) resolve();
    else
      server.close(() => {
        resolve();
      });
  });
  server = null;
  rmSync(folder, { recursive: true, force: true });
});

async function ask(answer: RequestListener, signal = new AbortController().signal) {
  const socket = path.join(folder, 'docker.sock');
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(socket, resolve));
  return readClone3(socket, signal);
}
const told =
  (body: unknown): RequestListener =>
  (_request, response) =>
    response.end(typeof body === 'string' ? body : JSON.stringify(body));

describe('what Docker lets containers call', () => {
  it.each([
    [{ Version: '27.3.1', GitCommit: '41ca978' }, 'allowed'],
    [{ Version: '20.10.10', GitCommit: 'e2f740d' }, 'allowed'],
    [{ Version: '20.10.9', GitCommit: '79ea9d3' }, 'refused'],
    [{ Version: '20.10.7', GitCommit: 'b0f5bc3' }, 'refused'],
    [{ Version: '19.03.15' }, 'refused'],
    [{ Version: '20.10.7', GitCommit: '20.10.7-0ubuntu5~18.04.3' }, null],
    [{ Version: '20.10.12', GitCommit: '20.10.12-0ubuntu4' }, 'allowed'],
    [{ Version: 'dev' }, null],
    [{ Version: 20 }, null],
    [[], null],
    ['null', null],
    ['no JSON', null],
    [' '.repeat(100_000), null],
  ])('%j: %s', async (body, answer) => {
    expect(await ask(told(body))).toBe(answer);
  });

  it('is not told where no daemon listens, or it breaks off', async () => {
    expect(await readClone3(path.join(folder, 'nowhere.sock'), new AbortController().signal)).toBeNull();
    expect(await ask((_request, response) => response.destroy())).toBeNull();
  });

  it('is not waited for once nobody wants it', async () => {
    const controller = new AbortController();
    const asked = ask(() => {
      controller.abort();
    }, controller.signal);
    expect(await asked).toBeNull();
  });
});
