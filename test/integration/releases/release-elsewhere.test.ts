/** A release from where no control plane runs: another folder, another user, and nothing but a checkout and a token. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownProgram } from '../../../src/testing/rigs/own-program.ts';
import { inferBody, rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { repositoryFolder, userEnvironment, UserProject, type Ran } from '../../user-project.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
monitoring: { golden: tiny-golden }
rollout: { keepPrevious: 1h }
`;
const nobody = 65_534;
const inGit = ['plimsoll.yaml', 'plimsoll.lock', 'golden'];

/** Whether another user can run this repository's sources at all. */
function otherUser(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const own = { uid: nobody, gid: nobody };
  try {
    execFileSync(process.execPath, ['--version'], { ...own, cwd: '/' });
    execFileSync('cat', [path.join(repositoryFolder, 'package.json')], { ...own, stdio: 'pipe' });
    return own;
  } catch {
    return null;
  }
}

const user = otherUser();

/** A checkout of what is in git, of a user who has nothing else of the project. */
class Checkout {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-ci-'));
  readonly #env: NodeJS.ProcessEnv;

  constructor(from: UserProject, env: Readonly<Record<string, string>>) {
    for (const name of inGit) cpSync(path.join(from.folder, name), path.join(this.folder, name), { recursive: true });
    this.#env = { ...userEnvironment(), HOME: this.folder, ...env };
    this.own();
  }

  own(): void {
    chmodSync(this.folder, 0o700);
    if (user === null) return;
    for (const name of ['.', ...readdirSync(this.folder, { recursive: true }).map(String)]) {
      chownSync(path.join(this.folder, name), user.uid, user.gid);
    }
  }

  async plimsoll(...words: readonly string[]): Promise<Ran> {
    const child = spawn(process.execPath, [ownProgram, ...words], {
      cwd: this.folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(user ?? {}),
    });
    const written = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => (written.stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (written.stderr += String(chunk)));
    const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { status, ...written };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

describe(`a release from ${user === null ? 'another folder' : 'another user'}`, { timeout: 240_000 }, () => {
  let server: UserProject;
  let checkout: Checkout;
  let tokenFile: string;
  beforeAll(async () => {
    const golden = `${JSON.stringify({ x: rowOf(1) })}\n`;
    server = new UserProject({
      files: { 'plimsoll.yaml': contract, 'model.onnx': tinyModel(1).bytes, 'golden.jsonl': golden },
    });
    await prove(server);
    await server.up();
    const token =
      (await server.passing('token', 'add', 'ci', '--role', 'release')).match(/plm_[0-9a-f]{64}/)?.[0] ?? '';
    const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-token-'));
    tokenFile = path.join(folder, 'token');
    writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
    if (user !== null) for (const name of [folder, tokenFile]) chownSync(name, user.uid, user.gid);
    checkout = new Checkout(server, { PLIMSOLL_TOKEN_FILE: tokenFile });
  });
  afterAll(async () => {
    expect(await server.stop()).toEqual({ status: 0, left: 0 });
    server.remove();
    checkout.remove();
    rmSync(path.dirname(tokenFile), { recursive: true, force: true });
  });

  const prove = async (project: UserProject): Promise<void> => {
    await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
    await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
    await project.passing('pin');
    await project.passing('golden', 'record');
  };

  it('needs a checkout, a token and the address, and goes live with the model that only the server has', async () => {
    const released = await checkout.plimsoll('release', '--server', server.pageUrl);
    expect([released.status, released.stdout]).toEqual([0, expect.stringContaining('release 1 is live')]);
    // Beside what git holds, where it was released to, in a folder that git leaves out: `status` asks there.
    expect(readdirSync(checkout.folder).sort()).toEqual(['.plimsoll', ...inGit].sort());
    expect(readdirSync(path.join(checkout.folder, '.plimsoll')).sort()).toEqual(['.gitignore', 'released-to.json']);
    const [event] = JSON.parse(await server.passing('history', '--kind', 'release.created', '--json')).events;
    expect(event).toMatchObject({ by: 'ci', data: { release: 1 } });
  });

  it('says of the same bundle that it is live already, and makes no number', async () => {
    const again = await checkout.plimsoll('release', '--server', server.pageUrl);
    expect([again.status, again.stdout]).toEqual([0, expect.stringContaining('nothing was released')]);
    expect((await server.view()).releases).toHaveLength(1);
  });

  it('is refused, on the record, when its lock was edited to say what was never measured', async () => {
    const lock = path.join(checkout.folder, 'plimsoll.lock');
    const before = readFileSync(lock, 'utf8');
    writeFileSync(lock, before.replaceAll(/"reproducedCases": 1/g, '"reproducedCases": 0'));
    const refused = await checkout.plimsoll('release', '--server', server.pageUrl);
    expect([refused.status, refused.stdout]).toEqual([1, expect.stringContaining('refused:')]);
    writeFileSync(lock, before);
    const { events } = JSON.parse(await server.passing('history', '--kind', 'release.refused', '--json'));
    expect(events.at(-1)).toMatchObject({ by: 'ci' });
    const view = await server.view();
    expect(view.releases).toHaveLength(1);
    expect(view.asks).toMatchObject([{ state: 'refused', by: 'ci', next: expect.any(String) }]);
    expect(view.evidenceOf).toBe(1);
  });

  it('at once from two machines gives each bundle a number, and the later takes the place of the other', async () => {
    const other = new Checkout(server, { PLIMSOLL_TOKEN_FILE: tokenFile });
    try {
      for (const [at, keep] of [
        [checkout, '2h'],
        [other, '3h'],
      ] as const) {
        writeFileSync(
          path.join(at.folder, 'plimsoll.yaml'),
          contract.replace('keepPrevious: 1h', `keepPrevious: ${keep}`),
        );
      }
      const said = await Promise.all([checkout, other].map((at) => at.plimsoll('release', '--server', server.pageUrl)));
      const { releases, deployment } = await server.view();
      expect(releases.map(({ number }) => number)).toEqual([3, 2, 1]);
      expect(deployment).toMatchObject({ live: 3, incoming: null });
      expect(said.map(({ status }) => status)).toContain(0);
      expect(said.map(({ stdout }) => stdout).join()).toContain('release 3 is live');
    } finally {
      other.remove();
    }
  });

  it('needs nothing of the checkout afterwards: it serves, starts again and is shown without it', async () => {
    checkout.remove();
    const evidence = (await server.view()).evidence.find(({ kind }) => kind === 'golden');
    expect(evidence).toMatchObject({ freshness: 'fresh', verdict: 'pass' });
    expect(evidence?.subjects?.map(({ subject }) => subject)).toContain('code');
    const answer = await fetch(`${server.gatewayUrl}/v2/models/tiny/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: inferBody(rowOf(1)),
    });
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
  });

  it('says which model is nowhere, and where it could come from', async () => {
    const other = new UserProject({
      files: {
        'plimsoll.yaml': contract,
        'model.onnx': tinyModel(2).bytes,
        'golden.jsonl': `${JSON.stringify({ x: rowOf(1) })}\n`,
      },
    });
    await prove(other);
    const clone = new Checkout(other, { PLIMSOLL_TOKEN_FILE: tokenFile });
    try {
      const { digest } = tinyModel(2);
      const released = await clone.plimsoll('release', '--server', server.pageUrl);
      expect([released.status, released.stderr]).toEqual([2, expect.stringContaining(digest.slice(7, 19))]);
      expect(released.stderr).toContain('plimsoll model add');
      // From the machine that holds the files they travel with the bundle; the alias moved on over there, so it says so.
      const token = { PLIMSOLL_TOKEN_FILE: tokenFile };
      const sent = await other.with(token).plimsoll('release', '--server', server.pageUrl);
      expect([sent.status, sent.stdout + sent.stderr]).toEqual([1, expect.stringContaining('run plimsoll pin')]);
    } finally {
      await other.stop();
      other.remove();
      clone.remove();
    }
  });
});
