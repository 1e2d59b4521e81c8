import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { asPlimsollError, type PlimsollError } from '../../core/units/errors.ts';
import type { ClusterObjects } from '../../ports/nodes/cluster-reader.ts';
import {
  kubeconfigText,
  sendJson,
  sendStatus,
  startScriptedApi,
  type ApiScript,
  type ScriptedApi,
} from '../../testing/fakes/servers/kubernetes-api.ts';
import { makeClusterReader } from './cluster-reader.ts';

const node = (at: number): object => ({
  metadata: { name: `n${at}`, labels: { at: String(at) }, managedFields: [{}], annotations: { a: 'b' } },
  spec: { providerID: 'aws:///x' },
  status: { capacity: { cpu: '8' }, allocatable: {}, nodeInfo: {}, images: [{ names: ['big'] }], conditions: [{}] },
});
const nodes = Array.from({ length: 1201 }, (_, at) => node(at));
const slice = { metadata: { name: 's' }, spec: { driver: 'gpu.nvidia.com', devices: [] } };

let api: ScriptedApi | null = null;
afterEach(async () => {
  await api?.close();
  api = null;
});

const limits = { timeoutMs: 20_000, mostAnswerBytes: 8 * 1024 * 1024 };

async function read(
  script: ApiScript,
  more: { readonly tls?: 'trusted' | 'untrusted'; readonly context?: string; readonly timeoutMs?: number } = {},
  signal = new AbortController().signal,
): Promise<ClusterObjects> {
  api = await startScriptedApi(script, more.tls === undefined ? {} : { tls: more.tls });
  const reader = makeClusterReader({
    env: api.env,
    limits: { ...limits, timeoutMs: more.timeoutMs ?? limits.timeoutMs },
  });
  return reader.read({ context: more.context, signal });
}

async function refusal(work: Promise<unknown>): Promise<PlimsollError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => asPlimsollError(thrown),
  );
  if (error === null) throw new Error('it was read');
  expect(error.next).toBeTruthy();
  return error;
}

describe('reading a cluster', () => {
  it('takes all pages of nodes and slices, by GET only, with the token of the kubeconfig', async () => {
    const found = await read({ nodes, slices: [slice], token: 'secret' });
    expect(found.context).toBe('lab');
    expect(found.nodes).toHaveLength(1201);
    expect(found.slices).toEqual([slice]);
    expect(found.notes).toEqual([]);
    expect(api?.requests).toEqual([
      'GET /api/v1/nodes?limit=500',
      'GET /api/v1/nodes?limit=500&continue=500',
      'GET /api/v1/nodes?limit=500&continue=1000',
      'GET /apis/resource.k8s.io',
      'GET /apis/resource.k8s.io/v1/resourceslices?limit=500',
    ]);
  });

  it('keeps what tells of hardware, and no images', async () => {
    const { nodes: found } = await read({ nodes: [node(1)] });
    expect(found).toEqual([
      {
        metadata: { name: 'n1', labels: { at: '1' } },
        spec: { providerID: 'aws:///x' },
        status: { capacity: { cpu: '8' }, allocatable: {}, nodeInfo: {} },
      },
    ]);
  });

  it('follows servers that give fewer than asked for', async () => {
    const found = await read({ nodes: nodes.slice(0, 25), mostPerPage: 10 });
    expect(found.nodes).toHaveLength(25);
  });

  it('over TLS trusts the authority of the kubeconfig', async () => {
    expect((await read({ nodes: [node(1)], token: 'secret' }, { tls: 'trusted' })).nodes).toHaveLength(1);
  });

  it.each(['v1', 'v1beta2', 'v1beta1', 'v1alpha3'])('asks for %s where that is the newest served', async (version) => {
    const found = await read({ slices: [slice], sliceVersions: ['v1alpha3', version].slice(-2) });
    expect(found.slices).toHaveLength(1);
    expect(api?.requests.at(-1)).toContain(`/${version}/resourceslices`);
  });

  it('of a cluster without DRA says so', async () => {
    const found = await read({ nodes, sliceVersions: [] });
    expect([found.nodes.length, found.slices, found.notes]).toEqual([
      1201,
      [],
      ['the cluster serves no ResourceSlices'],
    ]);
  });

  it('that may not list slices goes on with the nodes, and says so', async () => {
    const instead: ApiScript['instead'] = (url, response) => {
      if (!url.pathname.endsWith('/resourceslices')) return false;
      sendStatus(response, 403, 'resourceslices.resource.k8s.io is forbidden');
      return true;
    };
    const found = await read({ nodes, instead });
    expect(found.nodes).toHaveLength(1201);
    expect(found.notes[0]).toContain('ResourceSlices are left out');
    expect(found.notes[0]).toContain('is forbidden');
  });
});

describe('a continue token that expires', () => {
  const expireAfter = (times: number): ApiScript['instead'] => {
    let left = times;
    return (url, response) => {
      if (url.searchParams.get('continue') !== '500' || left === 0) return false;
      left -= 1;
      sendStatus(response, 410, 'The provided continue parameter is too old', 'Expired');
      return true;
    };
  };

  it('makes the list be read again from its beginning, so that it is of one moment', async () => {
    const found = await read({ nodes, instead: expireAfter(1) });
    const names = found.nodes.map((one) => (one as { metadata: { name: string } }).metadata.name);
    expect(new Set(names).size).toBe(1201);
    expect(found.nodes).toHaveLength(1201);
  });

  it('again and again is given up, and said', async () => {
    const error = await refusal(read({ nodes, instead: expireAfter(99) }));
    expect(error).toMatchObject({ code: 'cluster-busy', category: 'overloaded' });
    expect(api?.requests.filter((line) => line.endsWith('limit=500'))).toHaveLength(3);
  });

  it('that comes again is not followed for ever', async () => {
    const instead: ApiScript['instead'] = (url, response) => {
      if (url.pathname !== '/api/v1/nodes') return false;
      sendJson(response, 200, { kind: 'NodeList', metadata: { continue: 'same' }, items: [] });
      return true;
    };
    const error = await refusal(read({ instead }));
    expect(error.message).toContain('comes again');
  });
});

describe('a cluster that cannot be read', () => {
  const always =
    (status: number, body: string): ApiScript['instead'] =>
    (_, response) => {
      response.writeHead(status, { 'retry-after': '7', location: '/elsewhere' }).end(body);
      return true;
    };
  const status = (code: number): string => JSON.stringify({ kind: 'Status', message: `said ${code}`, code });

  it.each<[number, string, string, string]>([
    [401, status(401), 'cluster-unauthorized', 'unauthorized'],
    [403, status(403), 'cluster-forbidden', 'unauthorized'],
    [429, status(429), 'cluster-busy', 'overloaded'],
    [500, status(500), 'cluster-failed', 'unavailable'],
    [503, '<html>no backend</html>', 'cluster-failed', 'unavailable'],
    [302, '', 'cluster-answer-invalid', 'unavailable'],
    [404, 'not here', 'cluster-answer-invalid', 'unavailable'],
    [200, '<html>log in</html>', 'cluster-answer-invalid', 'unavailable'],
    [200, '{"kind":"NodeList","items":', 'cluster-answer-invalid', 'unavailable'],
    [200, '{"kind":"Status"}', 'cluster-answer-invalid', 'unavailable'],
    [200, '[]', 'cluster-answer-invalid', 'unavailable'],
  ])('answering %i with %s is %s', async (code, body, expected, category) => {
    const error = await refusal(read({ instead: always(code, body) }));
    expect(error).toMatchObject({ code: expected, category });
    if (body.startsWith('{"kind":"Status","message"')) expect(error.message).toContain(`said ${code}`);
  });

  it('with a wrong token is told apart from one without rights', async () => {
    const instead: ApiScript['instead'] = (_, __, request) => {
      request.headers.authorization = 'Bearer other';
      return false;
    };
    expect((await refusal(read({ token: 'secret', instead }))).code).toBe('cluster-unauthorized');
  });

  it('that hangs before its answer, or in the middle of it, is given up in time', async () => {
    const before = await refusal(read({ instead: () => true }, { timeoutMs: 50 }));
    expect(before).toMatchObject({ code: 'cluster-timeout', category: 'unavailable' });
    await api?.close();
    const middle: ApiScript['instead'] = (_, response) => response.writeHead(200).write('{"items": [');
    expect((await refusal(read({ instead: middle }, { timeoutMs: 50 }))).code).toBe('cluster-timeout');
  });

  it('is let go of at once when the command is interrupted', async () => {
    const interrupt = new AbortController();
    const instead: ApiScript['instead'] = () => {
      interrupt.abort(asPlimsollError(new Error('interrupted')));
      return true;
    };
    await expect(read({ instead }, {}, interrupt.signal)).rejects.toThrow('interrupted');
  });

  it('whose answer has no end is let go of', async () => {
    const instead: ApiScript['instead'] = (_, response) => {
      const more = (): void => void response.write(Buffer.alloc(1 << 20, 0x20), () => response.destroyed || more());
      more();
      return true;
    };
    expect((await refusal(read({ instead }))).message).toContain('larger than');
  });

  it('by TLS that is not trusted is never read', async () => {
    const error = await refusal(read({ nodes }, { tls: 'untrusted' }));
    expect(error).toMatchObject({ code: 'cluster-tls', category: 'unavailable' });
    expect(api?.requests).toEqual([]);
  });

  it('because nothing listens there is unreachable', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const error = await refusal(withKubeconfig(kubeconfigText(`https://127.0.0.1:${port}`, 'trusted', 't')));
    expect(error).toMatchObject({ code: 'cluster-unreachable', category: 'unavailable' });
  });
});

/** Reads by a kubeconfig of that text. */
async function withKubeconfig(text: string | null, context?: string, timeoutMs = 20_000): Promise<ClusterObjects> {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-kubeconfig-'));
  try {
    const file = path.join(folder, 'config');
    if (text !== null) writeFileSync(file, text);
    const reader = makeClusterReader({ env: { KUBECONFIG: file, HOME: folder }, limits: { ...limits, timeoutMs } });
    return await reader.read({ context, signal: new AbortController().signal });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a kubeconfig', () => {
  it('that is not there is said, with what to do instead', async () => {
    const error = await refusal(withKubeconfig(null));
    expect(error).toMatchObject({ code: 'kubeconfig-missing', category: 'input' });
    expect(error.next).toContain('kubectl get nodes,resourceslices -o json');
  });

  it.each([['{'], ['just text'], ['clusters: 7'], ['']])('that reads `%s` is refused', async (text) => {
    expect((await refusal(withKubeconfig(text))).category).toBe('input');
  });

  it('without the context asked for names the nearest', async () => {
    const text = kubeconfigText('https://127.0.0.1:1', 'trusted', 't');
    const error = await refusal(withKubeconfig(text, 'labb'));
    expect(error).toMatchObject({ code: 'cluster-context-unknown', details: { contexts: ['lab', 'broken'] } });
    expect(error.message).toContain('did you mean lab?');
  });

  const byProgram = (...args: readonly string[]): string => {
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args,
      interactiveMode: 'Never',
    };
    return kubeconfigText('https://127.0.0.1:1', 'trusted', 't').replace('{"token":"t"}', JSON.stringify({ exec }));
  };

  it('whose program for credentials fails is refused with what it said', async () => {
    const error = await refusal(withKubeconfig(byProgram('-e', 'console.error("not logged in"); process.exit(3)')));
    expect(error).toMatchObject({ code: 'kubeconfig-invalid', category: 'input' });
    expect(error.message).toContain('not logged in');
  });

  it('whose program for credentials hangs is given up in time', async () => {
    const hanging = byProgram('-e', 'setTimeout(() => {}, 3000)');
    expect((await refusal(withKubeconfig(hanging, undefined, 300))).code).toBe('cluster-timeout');
  });

  it('whose context names no cluster is refused', async () => {
    const text = kubeconfigText('https://127.0.0.1:1', 'trusted', 't');
    expect((await refusal(withKubeconfig(text, 'broken'))).message).toContain('names no cluster');
  });

  it('whose server is no address is refused', async () => {
    for (const server of ['ftp://x', 'nowhere']) {
      expect((await refusal(withKubeconfig(kubeconfigText(server, 'trusted', 't')))).code).toBe('kubeconfig-invalid');
    }
  });
});
