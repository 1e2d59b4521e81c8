import { afterEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../../core/units/digest.ts';
import { PlimsollError } from '../../../../core/units/errors.ts';
import type { ReplicaFiles } from '../../../../ports/serving/replica-files.ts';
import { replicaTokenHeader } from '../../../../schemas/replica/replica-files.ts';
import { openTestServer } from '../../../../testing/rigs/control-plane-server.ts';
import type { Server } from '../../http-parts.ts';

const host = '127.0.0.1:7070';
const weights = { path: 'model.onnx', digest: digestOf('weights'), bytes: 10 };
const refuse = (code: string): never => {
  throw new PlimsollError({ code, category: 'unauthorized', message: 'no' });
};
async function* bytesFrom(from: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from('0123456789').subarray(from);
}
const files: ReplicaFiles = {
  list: async (token) => (token === 'mine' ? { code: [], model: [weights] } : refuse('replica-token')),
  open: async (token, digest, from) => {
    if (token !== 'mine') return refuse('replica-token');
    return digest === weights.digest ? bytesFrom(from) : refuse('replica-file');
  },
};
const never = new AbortController().signal;
let server: Server;
afterEach(() => server.close());

async function ask(path: string, headers: Readonly<Record<string, string>> = { [replicaTokenHeader]: 'mine' }) {
  server = await openTestServer({ replicaFiles: files });
  return server.inject({ method: 'GET', url: `/v1/replica-files${path}`, headers: { host, ...headers } });
}

describe('files of replicas', () => {
  it('are listed and sent to the replica itself, from a byte on', async () => {
    expect((await ask('')).json()).toEqual({ code: [], model: [weights] });
    const whole = await ask(`/${weights.digest}`);
    expect([whole.statusCode, whole.headers['content-type'], whole.body]).toEqual([
      200,
      'application/octet-stream',
      '0123456789',
    ]);
    expect((await ask(`/${weights.digest}?from=7`)).body).toBe('789');
  });

  it.each<[string, string, Readonly<Record<string, string>>, string]>([
    ['without a token', '', {}, 'replica-token'],
    ['with the token of another', '', { [replicaTokenHeader]: 'other' }, 'replica-token'],
    ['with the credential of a person', '', { authorization: 'Bearer plm_nobody' }, 'token-unknown'],
    ['for a file of others', `/${digestOf('other')}`, { [replicaTokenHeader]: 'mine' }, 'replica-file'],
  ])('are refused %s', async (_what, path, headers, code) => {
    const answer = await ask(path, headers);
    expect([answer.statusCode, answer.json<{ error: { code: string } }>().error.code]).toEqual([401, code]);
  });

  it.each(['/sha256:abc', '/../../etc', `/${weights.digest}?from=-1`, `/${weights.digest}?from=x`])(
    'are not asked for by %s',
    async (path) => {
      expect((await ask(path)).statusCode).toBeGreaterThanOrEqual(400);
    },
  );

  it('are sent to 32 replicas at a time, whoever else asks without proof', async () => {
    const waiting: (() => void)[] = [];
    const slow: ReplicaFiles = {
      ...files,
      list: async (token) => (token === 'mine' ? files.list(token, never) : new Promise(() => undefined)),
      open: () => new Promise((resolve) => waiting.push(() => resolve(bytesFrom(0)))),
    };
    server = await openTestServer({ replicaFiles: slow });
    const from = (token: string) =>
      server.inject({
        method: 'GET',
        url: `/v1/replica-files/${weights.digest}`,
        headers: { host, [replicaTokenHeader]: token },
      });
    for (let asked = 0; asked < 40; asked += 1) void from('liar');
    const served = Array.from({ length: 32 }, () => from('mine'));
    await expect.poll(() => waiting.length).toBe(32);
    expect((await from('mine')).json<{ error: { code: string } }>().error.code).toBe('files-busy');
    for (const go of waiting.splice(0)) go();
    expect((await Promise.all(served)).map(({ statusCode }) => statusCode)).toEqual(Array(32).fill(200));
    const next = from('mine');
    await expect.poll(() => waiting.length).toBe(1);
    waiting[0]?.();
    expect((await next).statusCode).toBe(200);
  });

  it('are nowhere where replicas run on this machine', async () => {
    server = await openTestServer({});
    const answer = await server.inject({ method: 'GET', url: '/v1/replica-files', headers: { host } });
    expect(answer.statusCode).toBe(404);
  });
});
