import { afterEach, beforeEach, expect, it } from 'vitest';
import { asOperator, openTestServer } from '../../testing/rigs/control-plane-server.ts';
import type { Server } from './http-parts.ts';

let server: Server;
beforeEach(async () => {
  server = await openTestServer();
});
afterEach(() => server.close());

const post = async (url: string, payload: string, headers: Readonly<Record<string, string>> = {}) => {
  const all = { host: '127.0.0.1:7070', 'content-type': 'application/json', ...headers };
  return (await server.inject({ method: 'POST', url, headers: all, payload })).statusCode;
};
const nested = (bytes: number): string => `{"code":${'['.repeat(bytes / 2)}${']'.repeat(bytes / 2)}}`;

it('whoever has no credential sends some kilobytes, and nests them some levels', async () => {
  expect(await post('/v1/session', nested(4 * 1024 * 1024 - 100))).toBe(413);
  expect(await post('/v1/session', nested(2_000))).toBe(400);
  expect(await post('/v1/session', `{"code":"x",${Array.from({ length: 300 }, (_, at) => `"${at}":1`).join()}}`)).toBe(
    400,
  );
});

it('a credential sends more, and no deeper', async () => {
  expect(await post('/v1/waivers', nested(1_000_000))).toBe(401);
  expect(await post('/v1/waivers', nested(1_000_000), asOperator)).toBe(400);
  expect(await post('/v1/waivers', `[${'1,'.repeat(400_000)}1]`, asOperator)).toBe(400);
});
