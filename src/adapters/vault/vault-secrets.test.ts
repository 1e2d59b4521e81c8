import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readVaultSettings } from './vault-settings.ts';
import { VaultSecrets } from './vault-secrets.ts';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly namespace: string | undefined;
  readonly body: string;
}
type Reply = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>];

/** Answers as the documentation of Vault and OpenBao has it; test/integration/trust/vault.test.ts asks a real OpenBao. */
let server: Server;
let asked: Asked[];
let reply: (request: Asked) => Reply;
let nowMs: number;
let folder: string;

beforeEach(async () => {
  [asked, nowMs, reply] = [[], 0, () => [404, { errors: [] }]];
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-vault-'));
  server = createServer((request, response) => {
    void read(request).then((got) => {
      asked.push(got);
      const [status, body, headers = {}] = reply(got);
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function read(request: IncomingMessage): Promise<Asked> {
  let body = '';
  for await (const part of request) body += String(part);
  const header = (name: string): string | undefined => request.headers[name]?.toString();
  const [token, namespace] = [header('x-vault-token'), header('x-vault-namespace')];
  return { method: request.method ?? '', path: request.url ?? '', token, namespace, body };
}
const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const open = (env: Readonly<Record<string, string>> = { VAULT_TOKEN: 'root-token' }): VaultSecrets => {
  const settings = readVaultSettings({ VAULT_ADDR: `${address()}/`, ...env });
  if (settings === null) throw new Error('no settings');
  return new VaultSecrets(settings, { monotonicMs: () => nowMs });
};
const version1 = (data: unknown): Reply => [200, { data: { data, metadata: { version: 1 } } }];

describe('VaultSecrets', () => {
  it('reads keys and values of a key-value store of version 2', async () => {
    reply = () => version1({ token: 'hush', port: 5432, tls: true, nested: { a: 1 } });
    const values = await open({ VAULT_TOKEN: 'root-token', VAULT_NAMESPACE: 'team' }).read('vault://kv/team/hf');
    expect(values).toEqual({ token: 'hush', port: '5432', tls: 'true' });
    expect(asked).toEqual([
      { method: 'GET', path: '/v1/kv/data/team/hf', token: 'root-token', namespace: 'team', body: '' },
    ]);
  });

  it('reads of one moment share an answer, and a later one asks again', async () => {
    reply = () => version1({ token: `value ${asked.length}` });
    const vault = open();
    const both = await Promise.all([vault.read('vault://kv/a'), vault.read('vault://kv/a')]);
    expect(both).toEqual([{ token: 'value 1' }, { token: 'value 1' }]);
    nowMs = 60_000;
    expect(await vault.read('vault://kv/a')).toEqual({ token: 'value 2' });
  });

  it('a failed read is not shared', async () => {
    const vault = open();
    await expect(vault.read('vault://kv/a')).rejects.toMatchObject({ code: 'secret-place-missing' });
    reply = () => version1({ token: 'now' });
    expect(await vault.read('vault://kv/a')).toEqual({ token: 'now' });
  });

  it('takes the token of a file as it is at each request', async () => {
    const file = path.join(folder, 'token');
    writeFileSync(file, 'one\n');
    reply = () => version1({});
    const vault = open({ VAULT_TOKEN_FILE: file });
    await vault.read('vault://kv/a');
    writeFileSync(file, 'two\n');
    await vault.read('vault://kv/b');
    expect(asked.map(({ token }) => token)).toEqual(['one', 'two']);
  });

  it('logs in by the service account once, again before the session ends, and after it was taken back', async () => {
    const file = path.join(folder, 'jwt');
    writeFileSync(file, 'account-token');
    let revoked = false;
    reply = ({ path: at, token }) => {
      if (at === '/v1/auth/k8s/login') {
        revoked = false;
        return [200, { auth: { client_token: `session-${asked.length}`, lease_duration: 100 } }];
      }
      return revoked || token === undefined ? [403, { errors: ['permission denied'] }] : version1({ token });
    };
    const vault = open({ VAULT_ROLE: 'plimsoll', VAULT_AUTH_MOUNT: 'k8s', VAULT_JWT_FILE: file });
    expect(await vault.read('vault://kv/a')).toEqual({ token: 'session-1' });
    expect(await vault.read('vault://kv/b')).toEqual({ token: 'session-1' });
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ role: 'plimsoll', jwt: 'account-token' });
    nowMs = 80_001;
    expect(await vault.read('vault://kv/c')).toEqual({ token: 'session-4' });
    revoked = true;
    expect(await vault.read('vault://kv/d')).toEqual({ token: 'session-7' });
  });

  it.each([
    [[403, { errors: ['permission denied'] }], 'secret-store-refused'],
    [[404, { errors: [] }], 'secret-place-missing'],
    [[404, { data: { data: null, metadata: { deletion_time: 'then' } } }], 'secret-place-missing'],
    [[200, { data: { token: 'of version 1' } }], 'secret-store-unreachable'],
    [[200, 'no json hush-hush'], 'secret-store-unreachable'],
    [[200, 'x'.repeat(1024 * 1024 + 1)], 'secret-store-unreachable'],
    [[503, { errors: ['Vault is sealed'] }], 'secret-store-unreachable'],
    [[302, '', { location: 'http://127.0.0.1:1/steal' }], 'secret-store-unreachable'],
  ] as const)('%# an answer that is no secret is an error without a value or a token', async (answer, code) => {
    reply = () => answer;
    const failure = await open()
      .read('vault://kv/a')
      .catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code });
    expect(JSON.stringify(failure)).not.toMatch(/hush-hush|root-token/);
    expect(asked).toHaveLength(1);
  });

  it('a server that is gone is out of reach, and a place of another form is not asked for', async () => {
    const vault = open();
    await expect(vault.read('vault://kv/../sys/seal')).rejects.toMatchObject({ code: 'secret-place-missing' });
    expect(asked).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
    await expect(vault.read('vault://kv/a')).rejects.toMatchObject({ code: 'secret-store-unreachable' });
  });
});

describe('readVaultSettings', () => {
  it('is null without an address', () => {
    expect(readVaultSettings({ VAULT_TOKEN: 'x' })).toBeNull();
  });

  it.each([
    [{ VAULT_ADDR: 'vault:8200', VAULT_TOKEN: 'x' }],
    [{ VAULT_ADDR: 'ftp://vault', VAULT_TOKEN: 'x' }],
    [{ VAULT_ADDR: 'https://user@vault', VAULT_TOKEN: 'x' }],
    [{ VAULT_ADDR: 'http://vault.example.com:8200', VAULT_TOKEN: 'x' }],
    [{ VAULT_ADDR: 'https://vault.example.com' }],
  ])('refuses %j', (env) => {
    expect(() => readVaultSettings(env)).toThrow(expect.objectContaining({ code: 'secret-store-unset' }));
  });

  it('plain HTTP to another machine is an explicit choice', () => {
    const env = { VAULT_ADDR: 'http://vault:8200', VAULT_TOKEN: 'x', PLIMSOLL_PLAIN_HTTP: '1' };
    expect(readVaultSettings(env)).toMatchObject({ address: 'http://vault:8200', login: { kind: 'token' } });
  });
});
