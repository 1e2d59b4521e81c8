import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageFacts } from '../../../core/image/image-facts.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import { buildImage, digestOf, emptyElf, indexOf } from '../../../testing/builders/files/image-builder.ts';
import { ScriptedRegistry } from '../../../testing/fakes/servers/scripted-registry.ts';
import { makeOciInspector } from '../image-inspector.ts';
import type { RegistryTimes } from './registry-http.ts';

let registry: ScriptedRegistry;
let folder: string;
let slept: number[];
beforeEach(async () => {
  registry = new ScriptedRegistry();
  await registry.start();
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-registry-'));
  slept = [];
});
afterEach(async () => {
  await registry.stop();
  rmSync(folder, { recursive: true, force: true });
});

const times: RegistryTimes = {
  idleMs: 300,
  attempts: 4,
  firstBackoffMs: 500,
  backoffAtMostMs: 15_000,
  retryAfterAtMostMs: 120_000,
};
/** Sleeps are noted, and take no time. */
const clock: Clock = {
  nowMs: () => 1_700_000_000_000,
  monotonicMs: () => 0,
  sleep: (durationMs) => {
    slept.push(durationMs);
    return Promise.resolve();
  },
};
const signal = new AbortController().signal;
const image = buildImage({
  layers: [
    {
      pieces: [
        { path: 'usr/lib/libcudart.so.12.4.127', content: emptyElf() },
        { path: 'filler', content: Buffer.alloc(300_000, 'abcdefg') },
      ],
      compression: 'none',
    },
    { pieces: [{ path: 'usr/lib/libnccl.so.2.20.5', content: emptyElf() }], compression: 'zstd' },
  ],
});
const [large = image.descriptor] = image.layers;

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly reference?: string;
  readonly times?: RegistryTimes;
}
const inspect = ({
  env = {},
  reference = `${registry.host}/team/app:1`,
  times: own = times,
}: Options = {}): Promise<ImageFacts> =>
  makeOciInspector({
    clock,
    env: { HOME: folder, PATH: process.env['PATH'], ...env },
    cacheFolder: null,
    plainHttp: false,
    times: own,
  }).inspect(reference, { signal });

/** What a registry did wrong, where to log in would not help. */
const atFault = (message: RegExp): object => ({
  code: 'registry-refused',
  category: 'unavailable',
  message: expect.stringMatching(message) as string,
  next: expect.stringMatching(/^report it to whoever runs the registry/) as string,
});

/** Answers the first `count` requests whose address matches with a status, and lets the others by. */
function failing(pattern: RegExp, count: number, status: number, headers: Readonly<Record<string, string>> = {}): void {
  let left = count;
  registry.script = (request, response) => {
    if (!pattern.test(request.url ?? '') || left === 0) return false;
    left -= 1;
    response.writeHead(status, headers).end('{}');
    return true;
  };
}

describe('an image of a registry', () => {
  it('is read by tag and by digest, without credentials where none are asked for', async () => {
    registry.push('1', image);
    const facts = await inspect();
    expect(facts).toMatchObject({ digest: image.digest, cuda: { version: '12.4.127' } });
    expect(await inspect({ reference: `${registry.host}/team/app@${image.digest}` })).toEqual(facts);
    expect(registry.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  it('is found through an index', async () => {
    registry.push('other', image);
    registry.pushManifest('1', indexOf([image.descriptor]));
    expect((await inspect()).digest).toBe(image.digest);
  });

  it.each([
    ['team/app:missing', 'image-not-found'],
    ['team/app:not a tag', 'image-reference-invalid'],
    ['Team/app:1', 'image-reference-invalid'],
    ['team/app@sha256:12', 'image-reference-invalid'],
    ['team/../app:1', 'image-reference-invalid'],
    [`${'a'.repeat(300)}:1`, 'image-reference-invalid'],
  ])('%s is refused as %s', async (name, code) => {
    await expect(inspect({ reference: `${registry.host}/${name}` })).rejects.toMatchObject({ code });
  });
});

describe('a registry that fails', () => {
  beforeEach(() => registry.push('1', image));

  it.each([500, 502, 503, 429, 408])('with %i is asked again, and longer apart each time', async (status) => {
    failing(/manifests/, 3, status);
    expect((await inspect()).digest).toBe(image.digest);
    expect(slept).toEqual([500, 1000, 2000]);
  });

  it('says how long to wait, in seconds or as a date', async () => {
    failing(/manifests/, 1, 429, { 'retry-after': '7' });
    await inspect();
    failing(/manifests/, 1, 503, { 'retry-after': new Date(1_700_000_009_000).toUTCString() });
    await inspect();
    expect(slept).toEqual([7000, 9000]);
  });

  it('is out of reach when it asks for hours', async () => {
    failing(/manifests/, 9, 429, { 'retry-after': '21600' });
    await expect(inspect()).rejects.toMatchObject({
      code: 'registry-unreachable',
      category: 'unavailable',
      message: expect.stringMatching(/answers 429; it asks to come back after 21600/) as string,
    });
    expect(slept).toEqual([]);
  });

  it('for good is given up after its attempts', async () => {
    failing(/blobs/, 1000, 500);
    await expect(inspect()).rejects.toMatchObject({ code: 'registry-unreachable' });
    expect(slept.length).toBeLessThan(10);
  });

  it('by hanging before its answer is given up', async () => {
    registry.script = (request) => (request.url ?? '').includes('manifests');
    await expect(inspect({ times: { ...times, idleMs: 60, attempts: 2 } })).rejects.toMatchObject({
      code: 'registry-unreachable',
      message: expect.stringContaining('no answer within 0.06 s') as string,
    });
  });

  it('by hanging in the middle of a layer is asked for the rest', async () => {
    const held: ServerResponse[] = [];
    registry.script = (request, response, seen) => {
      if (!(request.url ?? '').includes(large.digest) || seen > 0) return false;
      held.push(response.writeHead(200, { 'content-length': large.size }));
      response.write(image.blobs.get(large.digest)?.subarray(0, 100_000));
      return true;
    };
    expect((await inspect({ times: { ...times, idleMs: 100 } })).cuda?.version).toBe('12.4.127');
    expect(registry.requests.map(({ headers }) => headers.range).filter((range) => range !== undefined)).toEqual([
      'bytes=100000-',
    ]);
  });

  it.each([
    ['by range', true],
    ['from the start where it knows no ranges', false],
  ])('by cutting the connection again and again gives the rest %s', async (_how, hasRanges) => {
    const bytes = image.blobs.get(large.digest) ?? Buffer.alloc(0);
    registry.script = (request, response, seen) => {
      if (!(request.url ?? '').includes(large.digest) || seen > 5) return false;
      const from = hasRanges ? Number(/(\d+)-$/.exec(request.headers.range ?? '0-')?.[1]) : 0;
      const status = hasRanges && from > 0 ? 206 : 200;
      response.writeHead(status, {
        'content-length': bytes.length - from,
        ...(status === 206 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
      });
      response.write(bytes.subarray(from, 40_000 * (seen + 1)), () => response.destroy());
      return true;
    };
    expect((await inspect()).cuda?.version).toBe('12.4.127');
  });

  it('with another range than was asked for is refused', async () => {
    registry.script = (request, response, seen) => {
      if (!(request.url ?? '').includes(large.digest)) return false;
      if (seen === 0) {
        response.writeHead(200, { 'content-length': large.size });
        response.write(Buffer.alloc(1000), () => response.destroy());
      } else response.writeHead(206, { 'content-range': `bytes 0-9/${large.size}` }).end('0123456789');
      return true;
    };
    await expect(inspect()).rejects.toMatchObject({ code: 'image-damaged' });
  });

  it('that nobody runs is out of reach', async () => {
    const reference = `${registry.host}/team/app:1`;
    await registry.stop();
    await expect(inspect({ reference })).rejects.toMatchObject({
      code: 'registry-unreachable',
      message: expect.stringContaining('ECONNREFUSED') as string,
      next: expect.stringContaining('plimsoll inspect') as string,
    });
    await registry.start();
  });
});

describe('a registry that lies', () => {
  it('about a manifest asked for by digest is caught with both digests', async () => {
    const other = Buffer.from('{"schemaVersion":2}');
    registry.push('1', image);
    registry.replaceBlob(image.digest, other);
    await expect(inspect({ reference: `${registry.host}/team/app@${image.digest}` })).rejects.toMatchObject({
      code: 'image-damaged',
      details: { stated: image.digest, actual: digestOf(other) },
    });
  });

  it('about a layer is caught with both digests', async () => {
    registry.push('1', image);
    const other = Buffer.from(image.blobs.get(large.digest) ?? '');
    other[700] = 1;
    registry.replaceBlob(large.digest, other);
    await expect(inspect()).rejects.toMatchObject({ details: { stated: large.digest, actual: digestOf(other) } });
  });

  it('about a size is caught while the layer is read', async () => {
    registry.push('1', image);
    registry.replaceBlob(
      large.digest,
      Buffer.concat([image.blobs.get(large.digest) ?? Buffer.alloc(0), Buffer.alloc(10)]),
    );
    await expect(inspect()).rejects.toThrow(/more bytes than/);
  });

  it.each([
    [
      'endless',
      (response: ServerResponse) => {
        const piece = Buffer.alloc(1024 * 1024, 0x20);
        const more = (): void => {
          while (response.write(piece)) if (response.destroyed) return;
          response.once('drain', more);
        };
        response.writeHead(200);
        more();
      },
      'image-too-large',
    ],
    ['no JSON', (response: ServerResponse) => response.writeHead(200).end('<html>'), 'image-damaged'],
    ['of schema 1', (response: ServerResponse) => response.writeHead(200).end('{"schemaVersion":1}'), 'image-damaged'],
    [
      'without layers',
      (response: ServerResponse) => response.writeHead(200).end('{"schemaVersion":2}'),
      'image-damaged',
    ],
    [
      'with another digest than its header says',
      (response: ServerResponse) => response.writeHead(200, { 'docker-content-digest': image.digest }).end('{}'),
      'image-damaged',
    ],
  ])('by a manifest that is %s is refused', async (_what, answer, code) => {
    registry.script = (request, response) => {
      if (!(request.url ?? '').includes('manifests')) return false;
      answer(response);
      return true;
    };
    await expect(inspect()).rejects.toMatchObject({ code });
  });

  it('by an index that names itself ends', async () => {
    registry.push('1', image);
    const nest = (inner: Buffer): Buffer => {
      registry.replaceBlob(digestOf(inner), inner);
      return indexOf([{ ...image.descriptor, digest: digestOf(inner), size: inner.length }]);
    };
    registry.pushManifest('1', nest(nest(nest(nest(nest(image.manifest))))));
    await expect(inspect()).rejects.toMatchObject({ code: 'image-damaged' });
  });

  it('by redirects without an end is refused', async () => {
    registry.script = (request, response) => {
      response.writeHead(307, { location: `${request.url}x` }).end();
      return true;
    };
    await expect(inspect()).rejects.toMatchObject(atFault(/redirects more than 5 times/));
  });

  it('by a redirect to a file is refused', async () => {
    failing(/manifests/, 1, 307, { location: 'file:///etc/passwd' });
    await expect(inspect()).rejects.toMatchObject(atFault(/redirects to `file:\/\/\/etc\/passwd`/));
  });

  it.each([
    ['no token', '{}', /token server answers without a token/],
    ['a token that is no header', '{"token":"a\\r\\nX-Other: 1"}', /token server answers without a token/],
    ['a token without an end', `{"token":"${'a'.repeat(2 * 1024 * 1024)}"}`, /token server .* is larger than 1MiB/],
  ])('by %s is refused, and nothing of the image is blamed', async (_, body, message) => {
    registry.script = (request, response) => {
      if (request.url?.startsWith('/token') === true) response.end(body);
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${registry.host}/token"` }).end();
      return true;
    };
    await expect(inspect()).rejects.toMatchObject(atFault(message));
  });
});

describe('credentials', () => {
  const basic = `Basic ${Buffer.from('ann:secret').toString('base64')}`;
  const login = (config: object): void => writeFileSync(path.join(folder, 'config.json'), JSON.stringify(config));
  const withConfig = (): Promise<ImageFacts> => inspect({ env: { DOCKER_CONFIG: folder } });
  const helper = (name: string, script: string): void => {
    const file = path.join(folder, `docker-credential-${name}`);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  };
  const withHelpers = (): Promise<ImageFacts> =>
    inspect({ env: { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env['PATH']}` } });
  /** Takes one header and nothing else. */
  const demand = (expected: string, challenge: string): void => {
    registry.script = (request, response) => {
      if ((request.url ?? '').startsWith('/token') || request.headers.authorization === expected) return false;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
      return true;
    };
  };
  const tokenServer = (answer: (url: URL, authorization: string | undefined) => string | null): void => {
    const bearer = `Bearer realm="http://${registry.host}/token",service="reg,istry",scope="repository:team/app:pull"`;
    registry.script = (request, response) => {
      const url = new URL(request.url ?? '', `http://${registry.host}`);
      if (url.pathname === '/token') {
        const token = answer(url, request.headers.authorization);
        response.writeHead(token === null ? 401 : 200).end(JSON.stringify(token === null ? {} : { token }));
        return true;
      }
      if (request.headers.authorization === 'Bearer t0ken') return false;
      response.writeHead(401, { 'www-authenticate': bearer }).end();
      return true;
    };
  };
  beforeEach(() => registry.push('1', image));

  it('of the Docker configuration answer basic authentication', async () => {
    demand(basic, 'Basic realm="x"');
    login({ auths: { [registry.host]: { auth: Buffer.from('ann:secret').toString('base64') } } });
    expect((await withConfig()).digest).toBe(image.digest);
    login({ auths: { [`https://${registry.host}/v2/`]: { username: 'ann', password: 'secret' } } });
    expect((await withConfig()).digest).toBe(image.digest);
  });

  it('are exchanged for a token, with the service and scope of the challenge', async () => {
    const asked: string[] = [];
    tokenServer((url, authorization) => {
      asked.push(url.search);
      return authorization === basic ? 't0ken' : null;
    });
    login({ auths: { [registry.host]: { auth: Buffer.from('ann:secret').toString('base64') } } });
    expect((await withConfig()).digest).toBe(image.digest);
    expect(asked).toEqual(['?service=reg%2Cistry&scope=repository%3Ateam%2Fapp%3Apull']);
  });

  it('are not needed for a token of a public image', async () => {
    tokenServer((_url, authorization) => (authorization === undefined ? 't0ken' : null));
    expect((await inspect()).digest).toBe(image.digest);
  });

  it('that the token server does not take are refused, with the way to log in', async () => {
    tokenServer(() => null);
    await expect(inspect()).rejects.toMatchObject({
      code: 'registry-refused',
      category: 'unavailable',
      message: expect.stringContaining('no credentials are known') as string,
      next: `docker login ${registry.host}`,
    });
  });

  it('that expire in the middle are renewed', async () => {
    let tokens = 0;
    registry.script = (request, response) => {
      const url = request.url ?? '';
      if (url.startsWith('/token')) {
        response.end(JSON.stringify({ access_token: `t${(tokens += 1)}` }));
        return true;
      }
      const needed = url.includes(large.digest) ? 2 : 1;
      if (tokens >= needed && request.headers.authorization === `Bearer t${tokens}`) return false;
      response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${registry.host}/token"` }).end();
      return true;
    };
    expect((await inspect()).digest).toBe(image.digest);
  });

  it('never go to a token server without https, nor to where a blob is redirected to', async () => {
    demand('never', 'Bearer realm="http://tokens.example/token"');
    await expect(inspect()).rejects.toThrow(/not https/);
    const store = new ScriptedRegistry();
    await store.start();
    try {
      store.push('1', image);
      registry.script = (request, response) => {
        if (request.headers.authorization !== basic) response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
        else if ((request.url ?? '').includes('/blobs/')) {
          response.writeHead(307, { location: `http://${store.host}${request.url}` }).end();
        } else return false;
        return true;
      };
      login({ auths: { [registry.host]: { auth: Buffer.from('ann:secret').toString('base64') } } });
      expect((await withConfig()).digest).toBe(image.digest);
      expect(store.requests.length).toBeGreaterThan(2);
      expect(store.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
    } finally {
      await store.stop();
    }
  });

  it('come from the helper of the registry before the general one', async () => {
    demand(basic, 'Basic');
    helper('one', `read server; [ "$server" = "${registry.host}" ] && echo '{"Username":"ann","Secret":"secret"}'`);
    helper('two', 'exit 1');
    login({ credsStore: 'two', credHelpers: { [registry.host]: 'one' } });
    expect((await withHelpers()).digest).toBe(image.digest);
    login({ credsStore: 'one' });
    expect((await withHelpers()).digest).toBe(image.digest);
  });

  it('of a helper may be an identity token', async () => {
    registry.script = (request, response) => {
      if ((request.url ?? '').startsWith('/token')) {
        let body = '';
        request.on('data', (piece: Buffer) => (body += piece.toString()));
        request.on('end', () =>
          response.end(JSON.stringify({ access_token: body.includes('refresh_token=r1') ? 't0ken' : 'no' })),
        );
        return true;
      }
      if (request.headers.authorization === 'Bearer t0ken') return false;
      response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${registry.host}/token"` }).end();
      return true;
    };
    helper('one', `echo '{"Username":"<token>","Secret":"r1"}'`);
    login({ credsStore: 'one' });
    expect((await withHelpers()).digest).toBe(image.digest);
  });

  it.each([
    ['fails', 'echo "vault is sealed"; exit 1', /vault is sealed/],
    ['answers nonsense', 'echo hello', /does not answer as a credential helper/],
    ['never stops answering', 'yes', /gives no credentials/],
  ])('of a helper that %s are an error that names it', async (_what, script, message) => {
    demand(basic, 'Basic');
    helper('one', script);
    login({ credsStore: 'one' });
    await expect(withHelpers()).rejects.toMatchObject({
      code: 'registry-credentials',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each(['not json', '[]', '{"auths":7}'])('of a file that is %s are an error that names the file', async (text) => {
    demand(basic, 'Basic');
    writeFileSync(path.join(folder, 'config.json'), text);
    await expect(withConfig()).rejects.toMatchObject({ code: 'registry-credentials' });
  });

  it('of a helper with a path for a name are refused', async () => {
    demand(basic, 'Basic');
    login({ credsStore: '../../bin/sh' });
    await expect(withHelpers()).rejects.toMatchObject({ code: 'registry-credentials' });
  });
});
