/** Who may ask a control plane: another user of this machine, other machines by TLS and tokens, and a browser's page. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inferBody, rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { repositoryFolder, runProgram, UserProject } from '../../user-project.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model], secrets: {} }
model: { name: tiny, version: candidate }
monitoring: { golden: tiny-golden }
`;
const model = tinyModel(1);

async function newProject(): Promise<UserProject> {
  const golden = `${JSON.stringify({ x: rowOf(1) })}\n`;
  const project = new UserProject({
    files: { 'plimsoll.yaml': contract, 'model.onnx': model.bytes, 'golden.jsonl': golden },
    env: { PLIMSOLL_SECRET_HF_TOKEN: 'hf-secret-value' },
  });
  // As any folder of a home may be: what protects a token is the mode of its own file.
  chmodSync(project.folder, 0o755);
  await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
  await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
  await project.passing('pin');
  await project.passing('golden', 'record');
  return project;
}

async function infer(gatewayUrl: string): Promise<number> {
  const answer = await fetch(`${gatewayUrl}/v2/models/tiny/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: inferBody(rowOf(1)),
  });
  await answer.arrayBuffer();
  return answer.status;
}

const missingUser = process.getuid?.() === 0 ? null : 'it takes root to ask as another user';

describe('on a loopback address', { timeout: 240_000 }, () => {
  let project: UserProject;
  beforeAll(async () => {
    project = await newProject();
    await project.up();
    expect(await project.passing('release')).toContain('release 1 is live');
  });
  afterAll(async () => {
    expect(await project.stop()).toEqual({ status: 0, left: 0 });
    project.remove();
  });

  it('the command line, the gateway and the page work with no step of a newcomer', async () => {
    // A release is live a moment before the gateway has its table.
    await until('the gateway answers', async () => (await infer(project.gatewayUrl)) === 200);
    expect((await project.view()).gateways).toHaveLength(1);
    expect(await project.passing('page')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#code=[\w-]{43}\n$/);
  });

  it.skipIf(missingUser !== null)(
    `another user reads every path and gains no write${missingUser === null ? '' : ` (skipped: ${missingUser})`}`,
    async () => {
      const script = path.join(import.meta.dirname, 'another-user.ts');
      const found = await runProgram(
        process.execPath,
        [script, project.pageUrl, project.stateFolder],
        repositoryFolder,
        process.env,
      );
      expect(found.stderr).toBe('');
      const { read, writes, secrets } = JSON.parse(found.stdout) as {
        readonly read: Readonly<Record<string, number>>;
        readonly writes: Readonly<Record<string, number>>;
        readonly secrets: readonly string[];
      };
      expect(Object.keys(read).length).toBeGreaterThan(15);
      expect(Object.keys(writes).length).toBeGreaterThan(14);
      expect(Object.entries(writes).filter(([, status]) => status !== 401)).toEqual([]);
      expect(secrets).toEqual([]);
      const events = (await (await fetch(`${project.pageUrl}/v1/events`)).json()) as readonly {
        readonly kind: string;
      }[];
      expect(events.filter(({ kind }) => kind === 'release.created')).toHaveLength(1);
    },
  );

  it('the gateway is started with no secret of the service, and with no store', () => {
    const record = JSON.parse(project.read('.plimsoll/run/gateway.json')) as { readonly pid: number };
    const environment = readFileSync(`/proc/${record.pid}/environ`, 'utf8');
    expect(environment).toContain('PATH=');
    expect(environment).not.toMatch(/hf-secret-value|DATABASE_URL|PLIMSOLL_SECRET/);
  });

  it('a killed control plane comes back with other tokens, and commands, gateway and pages go on', async () => {
    const link = (await project.passing('page')).trim();
    const page = await signIn(project.pageUrl, new URL(link).hash.slice('#code='.length));
    const before = project.read('.plimsoll/run/control-plane.token');
    const { pid } = JSON.parse(project.read('.plimsoll/run/control-plane.json')) as { readonly pid: number };
    process.kill(pid, 'SIGKILL');
    await until('it is back', async () => {
      const gateways = await project.view().then(
        ({ gateways: all }) => all,
        () => [],
      );
      return gateways.length === 1 && project.read('.plimsoll/run/control-plane.token') !== before;
    });
    await project.passing('status');
    const steered = await fetch(`${project.pageUrl}/v1/session`, { headers: page });
    expect(await steered.json()).toMatchObject({ roles: ['operate'] });
  });
});

async function signIn(url: string, code: string): Promise<Readonly<Record<string, string>>> {
  const answer = await fetch(`${url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  expect(answer.status).toBe(201);
  const { writeKey } = (await answer.json()) as { readonly writeKey: string };
  return { cookie: String(answer.headers.get('set-cookie')).split(';')[0] ?? '', 'plimsoll-write-key': writeKey };
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > giveUpMs) throw new Error(`${what}: did not come about`);
    await delay(100);
  }
}

/** A certificate of its own making for this machine's addresses. */
function makeCertificate(folder: string, name: string): void {
  const files = ['-keyout', path.join(folder, `${name}.key`), '-out', path.join(folder, `${name}.pem`)];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      ...files,
    ].concat([...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']]),
    { stdio: 'ignore' },
  );
}

const missingOpenssl = ((): string | null => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'openssl is not installed';
  }
})();

describe.skipIf(missingOpenssl !== null)(
  `for other machines, by TLS and tokens${missingOpenssl === null ? '' : ` (skipped: ${missingOpenssl})`}`,
  { timeout: 240_000 },
  () => {
    let project: UserProject;
    let pageUrl: string;
    let httpsUrl: string;
    let token: string;
    beforeAll(async () => {
      project = await newProject();
      makeCertificate(project.folder, 'first');
      makeCertificate(project.folder, 'second');
      copyFileSync(path.join(project.folder, 'first.pem'), path.join(project.folder, 'live.pem'));
      copyFileSync(path.join(project.folder, 'first.key'), path.join(project.folder, 'live.key'));
      token = (await project.passing('token', 'add', 'ci', '--role', 'operate', '--file', 'tokens')).trim();
      const tls = ['--tls-cert', 'live.pem', '--tls-key', 'live.key', '--token-file', 'tokens'];
      await project.up('--listen', '0.0.0.0:0', '--https-listen', '127.0.0.1:0', ...tls);
      pageUrl = project.pageUrl;
      const claim = readFileSync(path.join(project.stateFolder, 'run/up.json'), 'utf8');
      httpsUrl = (JSON.parse(claim) as { httpsUrl: string }).httpsUrl;
      expect(await project.passing('release')).toContain('release 1 is live');
    });
    afterAll(async () => {
      expect(await project.stop()).toEqual({ status: 0, left: 0 });
      project.remove();
    });

    const ask = async (
      route: string,
      headers: Readonly<Record<string, string>> = {},
      from = pageUrl,
    ): Promise<number> => {
      const dispatcher = new Agent({ connect: { ca: project.read('first.pem') + project.read('second.pem') } });
      const answer = await request(`${from}${route}`, { headers, dispatcher });
      await answer.body.dump();
      await dispatcher.close();
      return answer.statusCode;
    };
    const servedName = (from = pageUrl): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(
          { host: '127.0.0.1', port: Number(new URL(from).port), rejectUnauthorized: false },
          () => {
            const { subject } = socket.getPeerCertificate();
            socket.end();
            resolve(String(subject.CN));
          },
        );
        socket.once('error', reject);
      });

    it('its own gateway serves, and reading needs a token', async () => {
      expect(pageUrl).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
      await until('the gateway answers', async () => (await infer(project.gatewayUrl)) === 200);
      expect(httpsUrl).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
      expect(await ask('/plimsoll/ready', {}, httpsUrl)).toBe(200);
      expect(await ask('/v1/view')).toBe(401);
      expect(await ask('/v1/identity')).toBe(401);
      expect(await ask('/v1/view', { authorization: `Bearer ${token}` })).toBe(200);
    });

    it('a command elsewhere works with address, token and certificate, and says what is missing without', async () => {
      const elsewhere = new UserProject({
        files: { 'plimsoll.yaml': contract, 'plimsoll.lock': project.read('plimsoll.lock') },
        env: {
          PLIMSOLL_SERVER: pageUrl,
          PLIMSOLL_CA_FILE: path.join(project.folder, 'first.pem'),
          PLIMSOLL_TOKEN_FILE: 'ci.token',
        },
      });
      try {
        expect(await elsewhere.plimsoll('history')).toMatchObject({
          status: 2,
          stderr: expect.stringContaining('ci.token'),
        });
        elsewhere.write('ci.token', `${token}\n`);
        expect(await elsewhere.passing('history')).toContain('tiny:1');
        elsewhere.write('ci.token', 'plm_of-nobody\n');
        expect(await elsewhere.plimsoll('history')).toMatchObject({
          status: 2,
          stderr: expect.stringContaining('not known'),
        });
      } finally {
        elsewhere.remove();
      }
    });

    it('a token that is revoked is refused within a second', async () => {
      const short = (await project.passing('token', 'add', 'short', '--role', 'view', '--file', 'tokens')).trim();
      await delay(1_000);
      expect(await ask('/v1/view', { authorization: `Bearer ${short}` })).toBe(200);
      await project.passing('token', 'revoke', 'short', '--file', 'tokens');
      await delay(1_000);
      expect(await ask('/v1/view', { authorization: `Bearer ${short}` })).toBe(401);
    });

    it('a certificate that is renewed is served without a restart, and a broken one leaves the old', async () => {
      expect(await servedName()).toBe('first');
      copyFileSync(path.join(project.folder, 'second.key'), path.join(project.folder, 'live.key'));
      copyFileSync(path.join(project.folder, 'second.pem'), path.join(project.folder, 'live.pem'));
      await until('the second certificate', async () => (await servedName()) === 'second');
      await until('the same of clients', async () => (await servedName(httpsUrl)) === 'second');
      project.write('live.pem', 'not a certificate');
      await delay(3_000);
      expect(await servedName()).toBe('second');
      expect(await ask('/v1/view', { authorization: `Bearer ${token}` })).toBe(200);
    });

    it('no token stands in a log', () => {
      const logs = path.join(project.stateFolder, 'logs');
      for (const name of readdirSync(logs)) expect(readFileSync(path.join(logs, name), 'utf8')).not.toContain('plm_');
    });
  },
);

describe('what cannot work is refused before anything runs', { timeout: 120_000 }, () => {
  it.each([
    [['--listen', '0.0.0.0:0'], 'no token says who may ask'],
    [['--token-file', 'absent'], 'cannot read the token file'],
    [['--tls-cert', 'plimsoll.yaml'], '--tls-cert needs --tls-key'],
    [['--https-listen', '127.0.0.1:0'], '--https-listen needs --tls-cert and --tls-key'],
    [['--tls-cert', 'plimsoll.yaml', '--tls-key', 'plimsoll.yaml'], 'cannot be used'],
  ])('up %j', async (options, says) => {
    const project = new UserProject({ files: { 'plimsoll.yaml': contract } });
    try {
      const { status, stderr } = await project.plimsoll('up', '--gateway-listen', '127.0.0.1:0', ...options);
      expect([status, stderr]).toEqual([2, expect.stringContaining(says)]);
      expect(stderr).toContain('next:');
    } finally {
      project.remove();
    }
  });
});
