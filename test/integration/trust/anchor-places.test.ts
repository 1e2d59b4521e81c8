/** Anchors of the history in a log of this machine and in an OCI registry. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeOciAnchors } from '../../../src/adapters/oci/anchors/oci-anchors.ts';
import { registryTimes } from '../../../src/adapters/oci/registry/registry-http.ts';
import { openSyslogSocket } from '../../../src/adapters/syslog/syslog-socket.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { findLogAnchors, formatLogAnchor } from '../../../src/core/records/audit/anchor-lines.ts';
import type { ChainAnchor } from '../../../src/core/records/audit/verify-chain.ts';
import { digestOf } from '../../../src/core/units/digest.ts';
import { missingPrograms, RealRegistry } from '../../peers/oci-registry.ts';

const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython) console.warn('skipped: python3 missing, which listens on a socket of datagrams');
if (missingPrograms.length > 0) console.warn(`skipped: ${missingPrograms.join(', ')} missing`);

const anchorOf = (seq: number): ChainAnchor => ({ seq, hash: digestOf(seq), atMs: Date.UTC(2026, 10, 29) + seq });
const lineOf = (seq: number): string => formatLogAnchor(anchorOf(seq), { host: 'node-1', pid: 1 });
const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-anchors-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the log of a machine', () => {
  it.skipIf(!hasPython)(
    'takes an anchor as a datagram',
    async () => {
      const [socket, file] = [path.join(folder, 'datagrams'), path.join(folder, 'log')];
      const listen = `import socket,sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening", flush=True)
with open(sys.argv[2], "ab") as log:
    for _ in range(2):
        log.write(s.recv(65536) + b"\\n")
        log.flush()
`;
      const log = spawn('python3', ['-c', listen, socket, file], { stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        await new Promise((resolve) => log.stdout.once('data', resolve));
        const send = await openSyslogSocket(socket);
        await send(lineOf(5));
        await send(lineOf(6));
        await new Promise((resolve) => log.once('exit', resolve));
        expect(findLogAnchors(readFileSync(file, 'utf8'))).toEqual([anchorOf(5), anchorOf(6)]);
      } finally {
        log.kill();
      }
    },
    60_000,
  );

  it('takes an anchor as a line where it listens for a stream', async () => {
    const socket = path.join(folder, 'stream');
    let received = '';
    const ended = new Promise<void>((resolve) => {
      const server = createServer((connection) => {
        connection.on('data', (bytes) => (received += bytes.toString()));
        connection.on('end', () => {
          server.close();
          resolve();
        });
      });
      server.listen(socket, () => void openSyslogSocket(socket).then((send) => send(lineOf(7))));
    });
    await ended;
    expect(received).toBe(`${lineOf(7)}\n`);
  }, 60_000);

  it.each([
    ['is not there', path.join(folder, 'none')],
    ['has a longer name than a socket can have', path.join(folder, 'a'.repeat(120))],
  ])('says so where it %s', async (_what, socket) => {
    const send = await openSyslogSocket(socket);
    await expect(send('x')).rejects.toMatchObject({ code: 'anchor-unwritable', category: 'unavailable' });
  });
});

describe.skipIf(missingPrograms.length > 0)('an OCI registry', () => {
  let server: RealRegistry;
  beforeAll(async () => {
    server = await RealRegistry.start(path.join(folder, 'registry'), { auth: false });
  }, 60_000);
  afterAll(() => server.stop());

  it('keeps an artifact for each anchor, and gives them back', async () => {
    const { signal } = new AbortController();
    const anchors = makeOciAnchors(`${server.host}/audit/plimsoll`, {
      ...{ clock: systemClock, env: {}, plainHttp: false, times: registryTimes },
    });
    try {
      expect(await anchors.read(signal)).toEqual({ anchors: [], count: 0 });
      for (const seq of [1, 20, 300]) await anchors.append(anchorOf(seq), signal);
      // What is there is not written over.
      await anchors.append({ ...anchorOf(20), hash: digestOf('made anew') }, signal);
      expect(await anchors.read(signal)).toEqual({ anchors: [1, 20, 300].map(anchorOf), count: 3 });
    } finally {
      await anchors.close();
    }
  }, 60_000);
});
