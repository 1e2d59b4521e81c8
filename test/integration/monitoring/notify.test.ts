/** Alerts of a program that runs: signed, once, across a kill, and to a real Alertmanager (Debian's prometheus-alertmanager). */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { findSteadyPort } from '../../steady-port.ts';
import { UserProject } from '../../user-project.ts';

const hasAlertmanager = spawnSync('prometheus-alertmanager', ['--version']).status === 0;
if (!hasAlertmanager) console.warn('skipped in part: prometheus-alertmanager is not installed');

interface Heard {
  readonly signature: string;
  readonly body: string;
}

describe('alerts', { timeout: 240_000 }, () => {
  const heard: Heard[] = [];
  let isFailing = false;
  let refused = 0;
  let server: Server;
  let project: UserProject;
  let manager: ChildProcess | null = null;
  let managerUrl = '';

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (piece) => (body += String(piece)));
      request.on('end', () => {
        if (isFailing) refused += 1;
        else heard.push({ signature: String(request.headers['plimsoll-signature']), body });
        response.writeHead(isFailing ? 500 : 200).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const hook = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    managerUrl = `http://127.0.0.1:${await findSteadyPort()}`;
    const targets = [
      `{ webhook: "${hook}/in", secret: secret/alerts#key }`,
      ...(hasAlertmanager ? [`{ alertmanager: "${managerUrl}" }`] : []),
    ];
    project = new UserProject({
      files: {
        'plimsoll.yaml': `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
monitoring: { golden: tiny-golden, notify: [${targets.join(', ')}] }
`,
        'model-1.onnx': tinyModel(1).bytes,
        'model-2.onnx': tinyModel(2).bytes,
        'am.yml': 'route: { receiver: none }\nreceivers: [{ name: none }]\n',
        key: 'hush\n',
        'golden.jsonl': `${JSON.stringify({ x: rowOf(1) })}\n`,
      },
      env: { PLIMSOLL_NOTIFY_HOSTS: `${hook} default=${managerUrl}` },
    });
    if (hasAlertmanager) {
      manager = spawn(
        'prometheus-alertmanager',
        [
          `--config.file=${path.join(project.folder, 'am.yml')}`,
          `--storage.path=${path.join(project.folder, 'am')}`,
          `--web.listen-address=${managerUrl.slice('http://'.length)}`,
          '--cluster.listen-address=',
        ],
        { stdio: 'ignore' },
      );
    }
    await project.up();
  });
  afterAll(async () => {
    await project.stop();
    manager?.kill('SIGKILL');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    project.remove();
  });

  const release = async (version: number): Promise<void> => {
    await project.passing('model', 'add', `model-${version}.onnx`, '--name', 'tiny', '--alias', 'candidate');
    await project.passing('data', 'add', 'golden.jsonl', '--name', 'tiny-golden');
    await project.passing('pin');
    await project.passing('golden', 'record');
    await project.passing('release');
  };
  const alertsAt = async (query = ''): Promise<readonly { labels: Record<string, string>; status: object }[]> =>
    (await (await fetch(`${managerUrl}/api/v2/alerts${query}`)).json()) as never;

  it('need their secret granted, and a test message then reaches each target', async () => {
    const isReady = async (): Promise<boolean> => (await fetch(`${managerUrl}/-/ready`).catch(() => null))?.ok === true;
    if (hasAlertmanager) await expect.poll(isReady, { timeout: 20_000 }).toBe(true);
    await release(1);
    const refused = await project.plimsoll('watch', 'test-notify');
    expect([refused.status, refused.stdout]).toEqual([1, expect.stringContaining('plimsoll secret grant alerts')]);
    expect(heard).toEqual([]);
    await project.passing('secret', 'set', 'alerts', 'key', '--from-file', 'key');
    await project.passing('secret', 'grant', 'alerts');
    expect(await project.passing('watch', 'test-notify')).toContain('sent');
    const [{ signature, body } = { signature: '', body: '' }] = heard;
    const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
    expect(hex).toBe(createHmac('sha256', 'hush').update(`${seconds}.${body}`).digest('hex'));
    expect(JSON.parse(body)).toMatchObject({ test: true, service: 'tiny', alerts: [{ name: 'PlimsollTest' }] });
    if (!hasAlertmanager) return;
    expect((await alertsAt()).map(({ labels }) => labels['alertname'])).toEqual(['PlimsollTest']);
  });

  it('of a rollback arrive once, although the target fails at first and the control plane is killed', async () => {
    await release(2);
    heard.length = 0;
    isFailing = true;
    await project.passing('rollback', '--model', '--reason', 'bad answers');
    await expect.poll(() => refused, { timeout: 90_000, interval: 50 }).toBeGreaterThan(0);
    const { pid } = (await (await fetch(`${project.pageUrl}/v1/identity`)).json()) as { pid: number };
    process.kill(pid, 'SIGKILL');
    isFailing = false;
    await expect.poll(() => heard.length, { timeout: 90_000, interval: 250 }).toBeGreaterThanOrEqual(1);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const messages = heard.map(({ body }) => JSON.parse(body) as { id: string; alerts: { name: string }[] });
    expect(messages).toHaveLength(1);
    expect(messages[0]?.alerts.map(({ name }) => name)).toEqual(['PlimsollRolledBack']);
    if (!hasAlertmanager) return;
    // The rollback was live a moment later: the alert came resolved, and only those that stand are listed.
    expect((await alertsAt()).every(({ labels }) => labels['alertname'] !== 'PlimsollRolledBack')).toBe(true);
  });
});
