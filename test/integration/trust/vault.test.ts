/** Secrets out of a real server of Vault's HTTP interface: OpenBao. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VaultSecrets } from '../../../src/adapters/vault/vault-secrets.ts';
import { readVaultSettings } from '../../../src/adapters/vault/vault-settings.ts';
import { findOpenBao, startOpenBao, type OpenBao } from '../../peers/openbao/server.ts';

const found = findOpenBao();
const missing = found.kind === 'missing' ? found.why : null;

describe.skipIf(missing !== null)(`secrets of OpenBao${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let server: OpenBao;
  let nowMs = 0;
  beforeAll(async () => {
    server = await startOpenBao(found.kind === 'installed' ? found.python : '');
  });
  afterAll(() => server.stop());

  const open = (token: string): VaultSecrets => {
    const settings = readVaultSettings({ VAULT_ADDR: server.address, VAULT_TOKEN: token });
    if (settings === null) throw new Error('no settings');
    return new VaultSecrets(settings, { monotonicMs: () => nowMs });
  };
  const put = (data: Readonly<Record<string, unknown>>) => server.ask('POST', '/v1/secret/data/team/hf', { data });

  it('reads a value, sees the next one, and nothing after it was deleted', async () => {
    const vault = open(server.rootToken);
    await put({ token: 'first', port: 5432 });
    expect(await vault.read('vault://secret/team/hf')).toEqual({ token: 'first', port: '5432' });
    await put({ token: 'second' });
    nowMs += 60_000;
    expect(await vault.read('vault://secret/team/hf')).toEqual({ token: 'second' });
    await server.ask('DELETE', '/v1/secret/data/team/hf');
    nowMs += 60_000;
    await expect(vault.read('vault://secret/team/hf')).rejects.toMatchObject({ code: 'secret-place-missing' });
    await expect(vault.read('vault://secret/nowhere')).rejects.toMatchObject({ code: 'secret-place-missing' });
  });

  it('a token reads what its policy allows, until it is revoked', async () => {
    const policy = 'path "secret/data/team/hf" { capabilities = ["read"] }';
    await server.ask('PUT', '/v1/sys/policies/acl/plimsoll', { policy });
    await put({ token: 'first' });
    await server.ask('POST', '/v1/secret/data/team/other', { data: { token: 'hush' } });
    const asked = { policies: ['plimsoll'], no_default_policy: true };
    const created = (await server.ask('POST', '/v1/auth/token/create', asked)) as {
      readonly auth: { readonly client_token: string };
    };
    const { client_token: token } = created.auth;
    const vault = open(token);
    expect(await vault.read('vault://secret/team/hf')).toEqual({ token: 'first' });
    const refused = await vault.read('vault://secret/team/other').catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'secret-store-refused' });
    expect(JSON.stringify(refused)).not.toContain(token);
    await server.ask('POST', '/v1/auth/token/revoke', { token });
    nowMs += 60_000;
    await expect(vault.read('vault://secret/team/hf')).rejects.toMatchObject({ code: 'secret-store-refused' });
  });

  it('a server that is sealed is out of reach, and not without the secret', async () => {
    await put({ token: 'first' });
    nowMs += 60_000;
    const vault = open(server.rootToken);
    await server.ask('PUT', '/v1/sys/seal');
    await expect(vault.read('vault://secret/team/hf')).rejects.toMatchObject({ code: 'secret-store-unreachable' });
  });
});
