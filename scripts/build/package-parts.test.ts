import { build } from 'esbuild';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, createServer as createProxy, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type * as PromClient from 'prom-client';
import type * as Undici from 'undici';
import { packageParts } from './package-parts.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-parts-'));
const server = createServer((asked: IncomingMessage, answer) => {
  void text(asked).then((body) => answer.end(`${asked.method} ${asked.url} ${body}`));
});
const outfile = path.join(folder, 'parts.mjs');
let parts: Pick<typeof Undici, 'Agent' | 'EnvHttpProxyAgent' | 'Pool' | 'request'> &
  Pick<typeof PromClient, 'Counter' | 'Gauge' | 'Histogram' | 'Registry'>;
let url: string;

/** Bundled as the build does it, beside the packages that an installation has. */
beforeAll(async () => {
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  await build({
    stdin: { contents: `export * from 'undici'; export * from 'prom-client';`, resolveDir: root },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    banner: { js: 'const require = process.getBuiltinModule;' },
    plugins: [packageParts(root)],
  });
  parts = (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as typeof parts;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 120_000);
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

it('asks as undici does, by an agent and by a pool', { timeout: 120_000 }, async () => {
  const dispatcher = new parts.Agent();
  const got = await parts.request(`${url}/path?query=1`, { dispatcher });
  expect(await got.body.text()).toBe('GET /path?query=1 ');
  const put = await parts.request(new URL('/put', url), { dispatcher, body: 'words' });
  expect(await put.body.text()).toBe('PUT /put words');
  await dispatcher.close();

  const pool = new parts.Pool(url);
  expect(await (await pool.request({ method: 'GET', path: '/pool' })).body.text()).toBe('GET /pool ');
  await pool.close();
});

it('goes through a proxy that speaks SOCKS, by the installed package', { timeout: 120_000 }, async () => {
  const asked: string[] = [];
  const proxy = createProxy((socket: Socket) => {
    socket.once('data', () => {
      socket.write(Uint8Array.of(5, 0));
      socket.once('data', (wanted: Buffer) => {
        // Version, command, reserved, IPv4, address, port.
        asked.push(`${wanted.subarray(4, 8).join('.')}:${wanted.readUInt16BE(8)}`);
        socket.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
        const onward = connect((server.address() as AddressInfo).port, '127.0.0.1');
        socket.pipe(onward).pipe(socket);
      });
    });
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const httpProxy = `socks5://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const dispatcher = new parts.EnvHttpProxyAgent({ httpProxy, noProxy: '' });
  expect(await (await parts.request(`${url}/far`, { dispatcher })).body.text()).toBe('GET /far ');
  expect(asked).toEqual([url.replace('http://', '')]);
  await dispatcher.close();
  proxy.close();
});

it('without a dispatcher takes the one of the process', { timeout: 120_000 }, async () => {
  expect(await (await parts.request(url)).body.text()).toBe('GET / ');
});

it('writes metrics as prom-client does, and brings nothing along that no metric needs', async () => {
  const registry = new parts.Registry();
  const given = { registers: [registry], help: 'some' };
  new parts.Counter({ ...given, name: 'asked_total', labelNames: ['by'] }).inc({ by: 'ada' });
  new parts.Gauge({ ...given, name: 'waiting' }).set(2);
  new parts.Histogram({ ...given, name: 'took_seconds', buckets: [1] }).observe(0.5);
  const written = await registry.metrics();
  expect(written).toContain('asked_total{by="ada"} 1');
  expect(written).toContain('waiting 2');
  expect(written).toContain('took_seconds_bucket{le="1"} 1');
  expect(readFileSync(outfile, 'utf8')).not.toContain('opentelemetry');
});
