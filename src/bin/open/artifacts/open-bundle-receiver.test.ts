import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { openBundleReceiver } from './open-bundle-receiver.ts';

let server: Server;
let asked: string[] = [];
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A control plane that says this version, and answers nothing else. */
async function listen(plimsollVersion: string): Promise<string> {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(
      JSON.stringify({ service: 's', environment: 'e', address: 'a', pid: 1, identity: 'i', plimsollVersion }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const never = async (): Promise<never> => Promise.reject(new Error('not asked'));
const openAs = async (version: string, url: string) =>
  openBundleReceiver({
    version,
    env: { PLIMSOLL_SERVER: url },
    signal: new AbortController().signal,
    project: never,
    environment: never,
    blobs: never,
  });

it.each(['1.4.0', '1.5.2', '1.6.0'])('a release by version %s goes to a control plane of 1.5.0', async (version) => {
  await expect(openAs(version, await listen('1.5.0'))).resolves.toHaveProperty('offer');
});

it.each([
  ['1.3.0', 'npm install --global plimsoll@1.5.0'],
  ['1.7.0', 'npm install --global plimsoll@1.7.0'],
])('a release by version %s ends before anything is sent, and says what to do: %s', async (version, next) => {
  await expect(openAs(version, await listen('1.5.0'))).rejects.toMatchObject({
    code: 'version-too-far',
    message: expect.stringMatching(new RegExp(`${version}.*1\\.5\\.0`)),
    next: expect.stringContaining(next),
  });
  expect(asked).toEqual(['/v1/identity']);
});
