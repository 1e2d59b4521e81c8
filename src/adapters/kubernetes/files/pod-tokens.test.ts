import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { asPlimsollError } from '../../../core/units/errors.ts';
import { FakeClock } from '../../../testing/fakes/fake-clock.ts';
import type { ApiClient } from '../api/api-client.ts';
import { filesAudience } from '../../../schemas/replica/replica-files.ts';
import { PodTokens } from './pod-tokens.ts';

const never = new AbortController().signal;
const pod = { namespace: 'inference', pod: { name: 'digits-x', uid: 'u1' }, serviceaccount: { name: 'default' } };
let keys: { first: Pair; second: Pair };
type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

beforeAll(async () => {
  keys = { first: await generateKeyPair('RS256'), second: await generateKeyPair('RS256') };
});

async function open(given: () => Promise<object>) {
  const clock = new FakeClock();
  let asked = 0;
  const client = {
    async call() {
      asked += 1;
      return { status: 200, text: '', body: (await given()) as never };
    },
  } as unknown as ApiClient;
  return { clock, tokens: new PodTokens(client, clock), asked: () => asked };
}
const jwks = async (...pairs: readonly (readonly [string, Pair])[]): Promise<object> => ({
  keys: await Promise.all(
    pairs.map(async ([kid, { publicKey }]) => ({ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' })),
  ),
});
const sign = (clock: FakeClock, key: CryptoKey, claims: JWTPayload = {}, kid = 'one'): Promise<string> => {
  const seconds = Math.floor(clock.nowMs() / 1_000);
  return new SignJWT({ aud: [filesAudience], exp: seconds + 600, 'kubernetes.io': pod, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid })
    .sign(key);
};

describe('a token of a pod', () => {
  it('names the pod that it is bound to; the keys are read once', async () => {
    const { clock, tokens, asked } = await open(() => jwks(['one', keys.first]));
    const token = await sign(clock, keys.first.privateKey);
    const proven = { name: 'digits-x', uid: 'u1', namespace: 'inference' };
    expect(await tokens.verify(token, never)).toEqual(proven);
    expect(await tokens.verify(token, never)).toEqual(proven);
    expect(asked()).toBe(1);
  });

  it.each<[string, JWTPayload, 'first' | 'second']>([
    ['of another audience', { aud: ['https://kubernetes.default.svc'] }, 'first'],
    ['of no audience', { aud: [] }, 'first'],
    ['that is over', { exp: 1 }, 'first'],
    ['that is not valid yet', { nbf: 1e11 }, 'first'],
    ['bound to no pod', { 'kubernetes.io': { namespace: 'inference' } }, 'first'],
    ['without the claims of Kubernetes', { 'kubernetes.io': 'pod' }, 'first'],
    ['signed by another key of the same name', {}, 'second'],
  ])('%s proves nothing', async (_what, claims, by) => {
    const { clock, tokens } = await open(() => jwks(['one', keys.first]));
    const token = await sign(clock, keys[by].privateKey, claims);
    const thrown = await tokens.verify(token, never).catch(asPlimsollError);
    expect(thrown).toMatchObject({ code: 'replica-token', category: 'unauthorized' });
  });

  it.each(['', 'plm_something', 'a.b.c', `${'a'.repeat(100_000)}`])(
    'that is none (%#) proves nothing',
    async (token) => {
      const { tokens } = await open(() => jwks(['one', keys.first]));
      expect(await tokens.verify(token, never).catch(asPlimsollError)).toMatchObject({ code: 'replica-token' });
    },
  );

  it('without a signature proves nothing, whatever key it names', async () => {
    const { clock, tokens } = await open(() => jwks(['one', keys.first]));
    const [, body] = (await sign(clock, keys.first.privateKey)).split('.');
    const head = Buffer.from(JSON.stringify({ alg: 'none', kid: 'one' })).toString('base64url');
    expect(await tokens.verify(`${head}.${body}.`, never).catch(asPlimsollError)).toMatchObject({
      code: 'replica-token',
    });
  });

  it('of a new key is taken once the keys were read again, and invented ones ask no more than every ten seconds', async () => {
    let given = await jwks(['one', keys.first]);
    const { clock, tokens, asked } = await open(async () => given);
    await tokens.verify(await sign(clock, keys.first.privateKey), never);
    const fresh = await sign(clock, keys.second.privateKey, {}, 'two');
    given = await jwks(['one', keys.first], ['two', keys.second]);
    for (let tries = 0; tries < 50; tries += 1) {
      expect(await tokens.verify(fresh, never).catch(asPlimsollError)).toMatchObject({ code: 'replica-token' });
    }
    expect(asked()).toBe(1);
    await clock.advance(11_000);
    expect(await tokens.verify(fresh, never)).toMatchObject({ uid: 'u1' });
    expect(asked()).toBe(2);
  });

  it('waits for keys that cannot be had', async () => {
    const { clock, tokens } = await open(async () => ({}));
    expect(await tokens.verify(await sign(clock, keys.first.privateKey), never).catch(asPlimsollError)).toMatchObject({
      code: 'token-keys',
      category: 'unavailable',
    });
  });
});
