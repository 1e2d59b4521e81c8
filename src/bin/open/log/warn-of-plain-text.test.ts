import { expect, it } from 'vitest';
import { warnOfPlainText } from './warn-of-plain-text.ts';

async function warnings(host: string, isEncrypted: boolean, url: string | null): Promise<readonly string[]> {
  const said: string[] = [];
  const log = { warn: (facts: object, text: string) => void said.push(`${JSON.stringify(facts)} ${text}`) };
  const place = url === null ? { kind: 'sqlite' as const, file: '/s' } : { kind: 'postgresql' as const, url };
  await warnOfPlainText(log, { host, port: 7070 }, isEncrypted, place);
  return said;
}

it.each<[string, boolean, string | null, readonly RegExp[]]>([
  ['127.0.0.1', false, null, []],
  ['0.0.0.0', true, null, []],
  ['0.0.0.0', false, null, [/tokens come in unencrypted/]],
  ['127.0.0.1', false, 'postgresql://u:secret@127.0.0.1/d', []],
  ['127.0.0.1', false, 'postgresql://u:secret@localhost/d?host=/var/run/postgresql', []],
  ['127.0.0.1', false, 'postgresql://u:secret@db.example/d', [/records go to PostgreSQL unencrypted/]],
  ['127.0.0.1', false, 'postgresql://u:secret@db.example/d?sslmode=require', [/to whoever answers/]],
  ['127.0.0.1', false, 'postgresql://u:secret@db.example/d?sslmode=verify-full', []],
])('of %s, encrypted %s, with the store %s', async (host, isEncrypted, url, expected) => {
  const said = await warnings(host, isEncrypted, url);
  expect(said).toHaveLength(expected.length);
  expected.forEach((pattern, index) => expect(said[index]).toMatch(pattern));
  expect(said.join('')).not.toContain('secret');
});
