import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageFacts } from '../../../core/image/image-facts.ts';
import { buildImage, emptyElf } from '../../../testing/builders/files/image-builder.ts';
import { patient, pushFiles } from '../../../testing/fakes/servers/pushable-artifacts.ts';
import { ScriptedRegistry } from '../../../testing/fakes/servers/scripted-registry.ts';
import { makeArtifactRepository } from '../artifact-repository.ts';
import { makeOciInspector } from '../image-inspector.ts';
import { RegistryAccess } from './registry-access.ts';
import { registryTimes, type Answer } from './registry-http.ts';

const signal = new AbortController().signal;
const basic = `Basic ${Buffer.from('ann:secret').toString('base64')}`;
const image = buildImage({
  layers: [{ pieces: [{ path: 'usr/lib/libcudart.so.12.4.127', content: emptyElf() }], compression: 'none' }],
});

/** The registry with the image, a store that it redirects to, and a server that should hear nothing of either. */
let [registry, store, other]: ScriptedRegistry[] = [];
let folder: string;
const servers = (): readonly [ScriptedRegistry, ScriptedRegistry, ScriptedRegistry] => [registry!, store!, other!];
beforeEach(async () => {
  [registry, store, other] = [new ScriptedRegistry(), new ScriptedRegistry(), new ScriptedRegistry()];
  for (const server of servers()) await server.start();
  registry.push('1', image);
  store.push('1', image);
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-redirects-'));
  const auths = { [registry.host]: { auth: Buffer.from('ann:secret').toString('base64') } };
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ auths }));
});
afterEach(async () => {
  for (const server of servers()) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const options = () => ({
  clock: patient(),
  env: { DOCKER_CONFIG: folder, HOME: folder },
  plainHttp: false,
  times: { ...registryTimes, attempts: 2 },
});
const inspect = (): Promise<ImageFacts> => {
  const inspector = makeOciInspector({ ...options(), cacheFolder: null });
  return inspector.inspect(`${registry!.host}/team/app:1`, { signal });
};
const challenge = (response: ServerResponse, header: string): true => {
  response.writeHead(401, { 'www-authenticate': header }).end();
  return true;
};
/** The registry asks for a name and a password, and has its blobs at the store. */
const redirectBlobs = (): void => {
  registry!.script = (request, response) => {
    if (request.headers.authorization !== basic) return challenge(response, 'Basic');
    if (request.url?.includes('/blobs/') !== true) return false;
    response.writeHead(307, { location: `http://${store!.host}${request.url}` }).end();
    return true;
  };
};
const credentialsSentTo = (server: ScriptedRegistry): readonly (string | undefined)[] =>
  server.requests.map(({ headers }) => headers.authorization).filter((header) => header !== undefined);

describe('a server that a registry redirects to', () => {
  it.each([
    ['a name and a password', () => 'Basic realm="x"'],
    ['a token of a server of its own', () => `Bearer realm="http://${other!.host}/token",service="x"`],
    ['a token of the registry', () => `Bearer realm="http://${registry!.host}/token",service="x"`],
  ])('and asks for %s is given nothing', async (_what, header) => {
    redirectBlobs();
    store!.script = (_request, response) => challenge(response, header());
    await expect(inspect()).rejects.toMatchObject({
      code: 'registry-refused',
      message: expect.stringContaining(`redirects to ${store!.host}, which asks for a login`) as string,
    });
    expect(store!.requests.length).toBeGreaterThan(0);
    expect(credentialsSentTo(store!)).toEqual([]);
    expect(other!.requests).toEqual([]);
    expect(registry!.requests.filter(({ url }) => url.startsWith('/token'))).toEqual([]);
  });

  it('and sends back to the registry does not choose what is read there with credentials', async () => {
    redirectBlobs();
    const secret = `/v2/team/private/blobs/sha256:${'0'.repeat(64)}`;
    store!.script = (_request, response) => {
      response.writeHead(307, { location: `http://${registry!.host}${secret}` }).end();
      return true;
    };
    await expect(inspect()).rejects.toMatchObject({ code: 'registry-refused' });
    const back = registry!.requests.filter(({ url }) => url === secret);
    expect(back.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('for an upload is given nothing', async () => {
    registry!.script = (request, response) => {
      if (request.headers.authorization !== basic) return challenge(response, 'Basic');
      if (request.method === 'HEAD') response.writeHead(404).end();
      else response.writeHead(202, { location: `http://${store!.host}/upload?session=1` }).end();
      return true;
    };
    store!.script = (request, response) => {
      request.resume();
      return challenge(response, `Bearer realm="http://${other!.host}/token"`);
    };
    const repository = makeArtifactRepository(`${registry!.host}/team/app`, options());
    const pushed = pushFiles(repository, { 'model.onnx': Buffer.from('weights') }, '1');
    await expect(pushed).rejects.toMatchObject({ code: 'remote-refused' });
    await repository.close();
    expect(store!.requests.map(({ method }) => method)).toEqual(['PUT']);
    expect(credentialsSentTo(store!)).toEqual([]);
    expect(other!.requests).toEqual([]);
  });
});

describe('a token server', () => {
  it('on another host that the registry itself names is given the credentials, and its token goes to the registry', async () => {
    registry!.script = (request, response) =>
      request.headers.authorization === 'Bearer t0ken'
        ? false
        : challenge(response, `Bearer realm="http://${other!.host}/token",service="reg"`);
    other!.script = (_request, response) => {
      response.end('{"token":"t0ken"}');
      return true;
    };
    expect((await inspect()).digest).toBe(image.digest);
    expect(credentialsSentTo(other!)).toContain(basic);
    expect(credentialsSentTo(registry!)).not.toContain(basic);
  });

  it('that redirects is not followed', async () => {
    registry!.script = (_request, response) => challenge(response, `Bearer realm="http://${store!.host}/token"`);
    store!.script = (_request, response) => {
      response.writeHead(307, { location: `http://${other!.host}/token` }).end();
      return true;
    };
    await expect(inspect()).rejects.toThrow(/its token server answers 307/);
    expect(other!.requests).toEqual([]);
  });

  it('without https is given nothing where the registry is asked by https, on this machine neither', async () => {
    const base = new URL('https://registry.example/v2/team/app/');
    const dispatcher = new Agent();
    const access = new RegistryAccess({
      ...{ registry: 'registry.example', repository: 'team/app', base, dispatcher, idleMs: 300, plainHttp: false },
      credentials: () => Promise.resolve({ kind: 'password', username: 'ann', password: 'secret' }),
    });
    const answer = {
      statusCode: 401,
      headers: { 'www-authenticate': `Bearer realm="http://${other!.host}/token"` },
      body: { dump: () => Promise.resolve() },
    } as unknown as Answer;
    await expect(access.answer(answer, base, signal)).rejects.toThrow(/which is not https/);
    expect(other!.requests).toEqual([]);
    for (const elsewhere of ['http://registry.example/v2/', 'https://registry.example:8443/v2/'])
      await expect(access.answer(answer, new URL(elsewhere), signal)).rejects.toThrow(/only the registry may ask for/);
    await dispatcher.destroy();
  });
});
