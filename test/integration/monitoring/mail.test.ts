/** Alerts as mail to a real server (aiosmtpd of PyPI): STARTTLS, smtps, a login, and a recipient that it refuses. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { findSmtpServer, smtpServer } from '../../peers/smtp-server.ts';
import { UserProject } from '../../user-project.ts';

interface Mail {
  readonly to: readonly string[];
  readonly text: string;
  readonly login: string | null;
  readonly encrypted: boolean;
}

const found = findSmtpServer();
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (found.kind === 'missing')
  console.warn(`skipped: ${found.why}; next: node scripts/bootstrap.mjs test/peers/install/smtp.ts`);
if (!hasOpenssl) console.warn('skipped: openssl is not installed');

describe.skipIf(found.kind === 'missing' || !hasOpenssl)('mail', { timeout: 120_000 }, () => {
  const mails: Mail[] = [];
  let ports: readonly number[] = [];
  let server: ChildProcess;
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-mail-'));
  let project: UserProject;

  /** A certificate for this machine's address, which only the project is told to trust. */
  function makeCertificate(): readonly [certificate: string, key: string] {
    const [certificate, key] = ['mail.pem', 'mail.key'].map((name) => path.join(folder, name)) as [string, string];
    const about = ['-subj', '/CN=mail', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = spawnSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...about, '-keyout', key, '-out', certificate],
      { encoding: 'utf8' },
    );
    expect(made.status, made.stderr).toBe(0);
    return [certificate, key];
  }

  async function startServer([certificate, key]: readonly [string, string]): Promise<void> {
    const { python } = found as { python: string };
    server = spawn(python, [smtpServer, certificate, key], { stdio: ['ignore', 'pipe', 'ignore'] });
    const lines = createInterface({ input: server.stdout! });
    ports = await new Promise((resolve, reject) => {
      server.once('exit', (status) => reject(new Error(`the server of mail ended with ${status}`)));
      lines.on('line', (line) => {
        const said = JSON.parse(line) as Mail | { ports: readonly number[] };
        if ('ports' in said) resolve(said.ports);
        else mails.push(said);
      });
    });
  }

  const smtp = (): string => `smtp://127.0.0.1:${ports[0]}`;
  const smtps = (): string => `smtps://127.0.0.1:${ports[1]}`;
  const targetOf = (address: string, to: string, login = 'login'): string =>
    `{ smtp: "${address}", from: plimsoll@example.com, to: [${to}], secret: secret/mail#${login} }`;
  /** Releases with these targets, and sends the test message. */
  async function tell(
    ...targets: readonly string[]
  ): Promise<{ readonly status: number | null; readonly stdout: string }> {
    mails.length = 0;
    project.write(
      'plimsoll.yaml',
      `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
monitoring: { golden: tiny-golden, notify: [${targets.join(', ')}] }
`,
    );
    await project.passing('pin');
    await project.passing('golden', 'record');
    await project.passing('release');
    return project.plimsoll('watch', 'test-notify');
  }

  beforeAll(async () => {
    const made = makeCertificate();
    await startServer(made);
    project = new UserProject({
      files: {
        'plimsoll.yaml': `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
`,
        'model.onnx': tinyModel(1).bytes,
        'golden.jsonl': `${JSON.stringify({ x: rowOf(1) })}\n`,
        login: 'ada:pass:word\n',
        wrong: 'ada:no\n',
      },
      env: { NODE_EXTRA_CA_CERTS: made[0], PLIMSOLL_NOTIFY_HOSTS: `${smtp()} ${smtps()}` },
    });
    await project.passing('model', 'add', 'model.onnx', '--name', 'tiny', '--alias', 'candidate');
    await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
    await project.up();
    for (const key of ['login', 'wrong']) await project.passing('secret', 'set', 'mail', key, '--from-file', key);
    await project.passing('secret', 'grant', 'mail');
  }, 60_000);
  afterAll(async () => {
    server.kill('SIGKILL');
    await project.stop();
    project.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is taken encrypted by STARTTLS and by smtps, with a login; a refused recipient keeps it from nobody else', async () => {
    const { status, stdout } = await tell(
      targetOf(smtp(), 'ops@example.com, oncall@example.com'),
      targetOf(smtps(), 'ops@example.com, nobody@example.com'),
    );
    expect(mails.map(({ to, login, encrypted }) => ({ to, login, encrypted }))).toEqual(
      expect.arrayContaining([
        { to: ['ops@example.com', 'oncall@example.com'], login: 'ada', encrypted: true },
        { to: ['ops@example.com'], login: 'ada', encrypted: true },
      ]),
    );
    expect(mails).toHaveLength(2);
    expect(mails[0]?.text).toMatch(/^From: <plimsoll@example.com>\r?$/m);
    expect(status).toBe(1);
    expect(stdout).toContain(
      'took the mail for 1 of 2 recipients: does not take nobody@example.com: 550 5.1.1 no such user',
    );
  });

  it('goes to nobody where the login is wrong, or nobody is known', async () => {
    const { status, stdout } = await tell(
      targetOf(smtp(), 'ops@example.com', 'wrong'),
      targetOf(smtps(), 'nobody@example.com'),
    );
    expect(status).toBe(1);
    expect(stdout).toContain('does not take the login: 535');
    expect(stdout).toContain('does not take nobody@example.com: 550');
    expect(mails).toEqual([]);
  });
});
