import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Server } from '../../control-plane/http/http-parts.ts';
import { openTestServer, testAccess, testToken } from '../../testing/rigs/control-plane-server.ts';
import { discoverControlPlane } from './discover.ts';
import { controlPlaneFile, startTokenFile } from './run-files.ts';

const never = new AbortController().signal;
let folder: string;
let server: Server | null = null;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-discover-'));
  await mkdir(path.join(folder, 'run'));
});
afterEach(async () => {
  await server?.close();
  server = null;
  await rm(folder, { recursive: true });
});

const record = (address: string, identity: string) => {
  const facts = { service: 'digits', environment: 'default', address, pid: 1, identity, plimsollVersion: '0.0.0' };
  return writeFile(controlPlaneFile(folder), JSON.stringify(facts));
};
const discover = (given: string | null = null) => discoverControlPlane(folder, given, never);

describe('finding the control plane that runs', () => {
  it('takes the one that answers as the process that wrote the file', async () => {
    server = await openTestServer();
    await record(await server.listen({ host: '127.0.0.1', port: 0 }), 'host:boot:1:1');
    expect(await discover()).toMatchObject({
      identity: { identity: 'host:boot:1:1', service: 'digits' },
      token: null,
    });
  });

  it('takes no other one that has the port now', async () => {
    server = await openTestServer();
    await record(await server.listen({ host: '127.0.0.1', port: 0 }), 'host:boot:9:9');
    expect(await discover()).toBeNull();
  });

  it('finds none where the file was left behind, is no record, or is not there', async () => {
    expect(await discover()).toBeNull();
    await record('http://127.0.0.1:1', 'host:boot:1:1');
    expect(await discover()).toBeNull();
    await writeFile(controlPlaneFile(folder), 'half a rec');
    expect(await discover()).toBeNull();
  });

  it('finds the token of its start beside the file', async () => {
    server = await openTestServer({ access: testAccess(() => [], { openReading: false }) });
    await record(await server.listen({ host: '127.0.0.1', port: 0 }), 'host:boot:1:1');
    await writeFile(startTokenFile(folder), `${testToken}\n`);
    expect(await discover()).toMatchObject({ token: testToken });
  });

  it('counts as none where the token of the start is of another start', async () => {
    server = await openTestServer();
    await record(await server.listen({ host: '127.0.0.1', port: 0 }), 'host:boot:1:1');
    await writeFile(startTokenFile(folder), 'plm_of-an-earlier-start\n');
    expect(await discover()).toBeNull();
  });

  it('says that a token which somebody asked to use is not known', async () => {
    server = await openTestServer();
    await record(await server.listen({ host: '127.0.0.1', port: 0 }), 'host:boot:1:1');
    await expect(discover('plm_mistyped')).rejects.toMatchObject({
      code: 'token-unknown',
      category: 'unauthorized',
      next: expect.stringContaining('plimsoll token list'),
    });
  });
});
