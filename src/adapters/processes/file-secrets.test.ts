import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeSecrets } from '../../testing/contracts/secrets-contract.ts';
import { writeDurably } from '../files/write-durably.ts';
import { makeFileSecrets } from './file-secrets.ts';
import { resolveSecret } from './secret-reference.ts';

let stateFolder: string;
beforeEach(() => {
  stateFolder = mkdtempSync(path.join(tmpdir(), 'plimsoll-secrets-'));
});
afterEach(() => rmSync(stateFolder, { recursive: true, force: true }));
const modeOf = (...parts: readonly string[]): number => statSync(path.join(stateFolder, ...parts)).mode & 0o777;
const write = (name: string, file: string, text: string): void => {
  mkdirSync(path.join(stateFolder, 'secrets', name), { recursive: true });
  writeFileSync(path.join(stateFolder, 'secrets', name, file), text);
};

describeSecrets('secrets as files', () => makeFileSecrets(stateFolder, writeDurably));

describe('secrets as files', () => {
  it('are for their owner alone, also in a folder that was made by hand', async () => {
    mkdirSync(path.join(stateFolder, 'secrets', 'hf'), { recursive: true, mode: 0o755 });
    const secrets = makeFileSecrets(stateFolder, writeDurably);
    await secrets.set('hf', 'token', 'hush');
    await secrets.grant('hf', { service: 'digits', environment: null });
    expect(readFileSync(path.join(stateFolder, 'secrets/hf/token'), 'utf8')).toBe('hush');
    expect([modeOf('secrets'), modeOf('secrets/hf')]).toEqual([0o700, 0o700]);
    expect([modeOf('secrets/hf/token'), modeOf('secrets/hf/.granted-to')]).toEqual([0o600, 0o600]);
  });

  it('show nothing that a killed writer left', async () => {
    write('hf', 'token.0123456789ab.tmp', 'hal');
    expect(await makeFileSecrets(stateFolder, writeDurably).list()).toEqual([{ name: 'hf', keys: [], grants: null }]);
  });
});

describe('a secret that a contract names', () => {
  const owner = { service: 'digits', environment: 'prod' };
  const resolve = (reference: string, variables: Readonly<Record<string, string>> = {}, whose = owner) =>
    resolveSecret(reference, whose, { stateFolder, variables, remote: null });

  it('is given to the service and environment that it is granted to, and to no other', async () => {
    write('hf', 'token', 'hush\n');
    write('hf', '.granted-to', '# ann, for the downloads\ndigits/prod\n');
    expect(await resolve('secret/hf#token')).toBe('hush');
    for (const other of [
      { service: 'digits', environment: 'staging' },
      { service: 'audio', environment: 'prod' },
    ])
      await expect(resolve('secret/hf#token', {}, other)).rejects.toMatchObject({
        code: 'secret-not-granted',
        category: 'refused',
        message: `the secret hf is not granted to ${other.service} in ${other.environment}`,
        next: `plimsoll secret grant hf --service ${other.service} --environment ${other.environment}`,
      });
  });

  it('without a grants file is given to nobody, file or variable', async () => {
    write('hf', 'token', 'hush');
    await expect(resolve('secret/hf#token')).rejects.toMatchObject({ code: 'secret-not-granted' });
    const variables = { PLIMSOLL_SECRET_OTHER_TOKEN: 'hush' };
    await expect(resolve('secret/other#token', variables)).rejects.toMatchObject({ code: 'secret-not-granted' });
  });

  it('may be a variable, granted by a file of grants alone', async () => {
    write('other', '.granted-to', 'digits\n');
    expect(await resolve('secret/other#token', { PLIMSOLL_SECRET_OTHER_TOKEN: 'hush' })).toBe('hush');
    await expect(resolve('secret/other#token')).rejects.toMatchObject({
      code: 'secret-missing',
      next: 'plimsoll secret set other token --from-file FILE',
    });
  });

  it('is not reached by way of another secret whose variable has the same name', async () => {
    write('a', '.granted-to', 'digits\n');
    write('a_b', '.granted-to', 'audio\n');
    const variables = { PLIMSOLL_SECRET_A_B_C: 'hush' };
    await expect(resolve('secret/a#b_c', variables)).rejects.toMatchObject({
      code: 'secret-variable-ambiguous',
      category: 'refused',
      details: { secret: 'a', other: 'a_b' },
      next: 'plimsoll secret set a b_c --from-file FILE',
    });
    write('a', 'b_c', 'of a');
    expect(await resolve('secret/a#b_c', variables)).toBe('of a');
    write('a_b', '.granted-to', 'audio\ndigits\n');
    expect(await resolve('secret/a_b#c', variables)).toBe('hush');
  });

  it('with a grants file that cannot be read is given to nobody', async () => {
    write('hf', 'token', 'hush');
    write('hf', '.granted-to', 'digits\n*\n');
    await expect(resolve('secret/hf#token')).rejects.toMatchObject({ code: 'secret-grants-invalid' });
  });

  it('for a measurement is granted to the service in every environment', async () => {
    write('hf', '.granted-to', 'digits/prod\n');
    const measuring = { service: 'digits', environment: 'golden-0a1b2c3d' };
    await expect(resolve('secret/hf#token', {}, measuring)).rejects.toMatchObject({
      next: 'plimsoll secret grant hf --service digits',
    });
  });

  it.each(['hf#token', 'secret/hf', 'secret/../hf#token', 'secret/hf#.granted-to'])(
    'is not `%s`',
    async (reference) => {
      write('hf', '.granted-to', 'digits\n');
      await expect(resolve(reference)).rejects.toMatchObject({ code: 'secret-reference' });
    },
  );
});
