import { beforeEach, describe, expect, it } from 'vitest';
import type { Release } from '../core/rollout/release.ts';
import { memorySecrets, type MemorySecrets } from '../testing/fakes/memory/memory-secrets.ts';
import { aRelease } from '../testing/builders/store-builders.ts';
import { grantFirstSecrets } from './grant-first-secrets.ts';

const releaseOf = (service: string, environment: string, secrets: Readonly<Record<string, string>>): Release => {
  const release = aRelease();
  const section = { ...release.code.section, secrets };
  return { ...release, service, environment, number: 1, code: { ...release.code, section } };
};
const storeOf = (...releases: readonly Release[]) => ({
  released: () => Promise.resolve(releases.map(({ service, environment }) => ({ service, environment }))),
  releases: (service: string, environment: string) =>
    Promise.resolve(releases.filter((each) => each.service === service && each.environment === environment)),
});

describe('the first control plane that asks for grants', () => {
  let secrets: MemorySecrets;
  beforeEach(async () => {
    secrets = memorySecrets();
    await secrets.set('hf', 'token', 'hush');
    await secrets.set('unused', 'token', 'hush');
  });
  const prod = releaseOf('digits', 'prod', { HF_TOKEN: 'secret/hf#token', BAD: 'vault/x' });
  const staging = releaseOf('digits', 'staging', { S3: 'secret/s3#id' });
  const grantsByName = async () =>
    Object.fromEntries((await secrets.list()).flatMap(({ name, grants }) => (grants === null ? [] : [[name, grants]])));

  it('grants the one service what its releases name, once', async () => {
    expect(await grantFirstSecrets(secrets, storeOf(prod, staging))).toEqual({
      service: 'digits',
      names: ['hf', 's3'],
    });
    const digits = [{ service: 'digits', environment: null }];
    expect(await grantsByName()).toEqual({ hf: digits, s3: digits });
    await secrets.removeGrant('hf', digits[0]!);
    expect(await grantFirstSecrets(secrets, storeOf(prod, staging))).toBeNull();
    expect((await grantsByName())['hf']).toEqual([]);
  });

  it('grants nothing where releases are of several services', async () => {
    expect(await grantFirstSecrets(secrets, storeOf(prod, releaseOf('audio', 'prod', {})))).toBeNull();
    expect(await grantsByName()).toEqual({});
  });

  it('grants nothing where somebody has granted already', async () => {
    await secrets.grant('unused', { service: 'audio', environment: null });
    expect(await grantFirstSecrets(secrets, storeOf(prod))).toBeNull();
    expect(Object.keys(await grantsByName())).toEqual(['unused']);
  });

  it('grants a later release of a new state folder nothing', async () => {
    expect(await grantFirstSecrets(secrets, storeOf())).toBeNull();
    expect(await grantFirstSecrets(secrets, storeOf(prod))).toBeNull();
    expect(await grantsByName()).toEqual({});
  });
});
