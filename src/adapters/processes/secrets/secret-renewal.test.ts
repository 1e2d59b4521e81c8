import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import { digestOf } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { RemoteSecrets } from '../../../ports/access/remote-secrets.ts';
import type { ReplicaSetSpec } from '../../../ports/serving/platform.ts';
import { openLocalFixture, scriptedWorkload, type LocalFixture } from '../../../testing/rigs/local-platform-fixture.ts';
import { writeDurably } from '../../files/write-durably.ts';
import { systemClock } from '../../system/clock.ts';
import { makeFileSecrets } from '../file-secrets.ts';
import { replicaFolder } from '../replica/replica-record.ts';

const never = new AbortController().signal;
const owner = { service: 'digits', environment: 'prod' };
const patient = { timeout: 60_000, interval: 50 };

let fixture: LocalFixture;
let aheadMs = 0;
let remote: Record<string, Record<string, string>>;
const store: RemoteSecrets = {
  read(place) {
    const values = remote[place];
    if (values !== undefined) return Promise.resolve(values);
    return Promise.reject(new PlimsollError({ code: 'secret-place-missing', category: 'not-found', message: 'gone' }));
  },
};
beforeEach(async () => {
  [aheadMs, remote] = [0, {}];
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
  fixture = await openLocalFixture({ clock, remoteSecrets: store });
});
afterEach(() => fixture.close());

const spec = (secrets: Readonly<Record<string, string>>): ReplicaSetSpec => ({
  ...{ set: 'digits-prod-aaaaaaaaaaaa', pair: digestOf('pair'), release: 1, replicas: 1, stopFirst: [] },
  ...{ workload: scriptedWorkload({}, { secrets }), drainTimeoutMs: 1_000, startTimeoutMs: 60_000 },
});
const observe = async (): Promise<ObservedReplica | undefined> => (await fixture.platform.observe(owner, never))[0];
/** Calls `apply` as turns do, at least one look later. */
const look = async (secrets: Readonly<Record<string, string>>): Promise<ObservedReplica | undefined> => {
  aheadMs += 60_000;
  await fixture.platform.apply(owner, [spec(secrets)], never);
  return observe();
};
const ready = async (secrets: Readonly<Record<string, string>>): Promise<ObservedReplica> => {
  await fixture.platform.apply(owner, [spec(secrets)], never);
  await expect.poll(async () => (await observe())?.state, patient).toBe('ready');
  const replica = await observe();
  if (replica === undefined) throw new Error('gone');
  return replica;
};
const fileOf = ({ replicaId }: ObservedReplica): string =>
  `${replicaFolder(fixture.stateFolder, replicaId).secrets}/TOKEN_FILE`;

describe('a secret with another value', () => {
  it('in a variable makes the replica outdated, and the old value again makes it up to date', async () => {
    const secrets = makeFileSecrets(fixture.stateFolder, writeDurably);
    await secrets.set('hf', 'token', 'first');
    await secrets.grant('hf', { service: 'digits', environment: null });
    const asked = { TOKEN: 'secret/hf#token' };
    expect(await ready(asked)).not.toHaveProperty('outdated');
    await secrets.set('hf', 'token', 'second');
    await expect
      .poll(async () => (await look(asked))?.outdated, patient)
      .toBe('TOKEN has another value since its start');
    expect((await observe())?.state).toBe('ready');
    await secrets.set('hf', 'token', 'first');
    await expect.poll(async () => (await look(asked))?.outdated, patient).toBeUndefined();
  });

  it('in a file is replaced there, and the replica goes on', async () => {
    const secrets = makeFileSecrets(fixture.stateFolder, writeDurably);
    await secrets.set('hf', 'token', 'first');
    await secrets.grant('hf', { service: 'digits', environment: null });
    const asked = { TOKEN_FILE: 'secret-file/hf#token' };
    const replica = await ready(asked);
    expect(readFileSync(fileOf(replica), 'utf8')).toBe('first');
    await secrets.set('hf', 'token', 'second');
    await expect
      .poll(async () => {
        await look(asked);
        return readFileSync(fileOf(replica), 'utf8');
      }, patient)
      .toBe('second');
    expect(await observe()).toMatchObject({ replicaId: replica.replicaId, state: 'ready' });
    expect(await observe()).not.toHaveProperty('outdated');
  });

  it('of a store of secrets counts too; one that cannot be read has not changed', async () => {
    const secrets = makeFileSecrets(fixture.stateFolder, writeDurably);
    await secrets.set('hf', 'token', 'of the state folder, and not used');
    await secrets.setFrom('hf', 'vault://kv/hf');
    await secrets.grant('hf', { service: 'digits', environment: null });
    remote['vault://kv/hf'] = { token: 'first' };
    const asked = { TOKEN: 'secret/hf#token', TOKEN_FILE: 'secret-file/hf#token' };
    const replica = await ready(asked);
    expect(readFileSync(fileOf(replica), 'utf8')).toBe('first');
    remote = {};
    for (let looks = 0; looks < 3; looks += 1) expect(await look(asked)).not.toHaveProperty('outdated');
    remote['vault://kv/hf'] = { token: 'second' };
    await expect
      .poll(async () => (await look(asked))?.outdated, patient)
      .toBe('TOKEN has another value since its start');
    expect(readFileSync(fileOf(replica), 'utf8')).toBe('second');
  });

  it('neither value stands in the record, the fingerprints or what is shown', async () => {
    const secrets = makeFileSecrets(fixture.stateFolder, writeDurably);
    await secrets.set('hf', 'token', 'hush-hush');
    await secrets.grant('hf', { service: 'digits', environment: null });
    const replica = await ready({ TOKEN: 'secret/hf#token' });
    const folder = replicaFolder(fixture.stateFolder, replica.replicaId);
    const texts = [folder.record, folder.fingerprints].map((file) => readFileSync(file, 'utf8'));
    expect([...texts, JSON.stringify(replica)].join('\n')).not.toContain('hush-hush');
    expect(texts[1]).toContain('TOKEN');
  });
});

describe('a secret that cannot be had', () => {
  const reasonFor = async (secrets: Readonly<Record<string, string>>): Promise<string> => {
    await fixture.platform.apply(owner, [spec(secrets)], never);
    await expect.poll(async () => (await observe())?.state, patient).toBe('failed');
    return (await observe())?.reason ?? '';
  };

  it('names the place and the key, and no value', async () => {
    const secrets = makeFileSecrets(fixture.stateFolder, writeDurably);
    await secrets.setFrom('hf', 'vault://kv/hf');
    await secrets.grant('hf', { service: 'digits', environment: null });
    remote['vault://kv/hf'] = { other: 'hush-hush' };
    const reason = await reasonFor({ TOKEN: 'secret/hf#token' });
    expect(reason).toContain('the secret hf has no key token at vault://kv/hf');
    expect(reason).not.toContain('hush-hush');
  });

  it('a place without a grant gives nothing', async () => {
    await makeFileSecrets(fixture.stateFolder, writeDurably).setFrom('hf', 'vault://kv/hf');
    remote['vault://kv/hf'] = { token: 'hush-hush' };
    expect(await reasonFor({ TOKEN: 'secret-file/hf#token' })).toContain('the secret hf is not granted to digits');
  });
});
