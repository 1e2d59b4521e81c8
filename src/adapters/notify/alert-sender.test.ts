import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { NotifyTarget } from '../../core/contract/notify-target.ts';
import type { Alert, AlertMessage } from '../../core/monitoring/notify/alert.ts';
import { readNotifyHosts } from '../../core/monitoring/notify/notify-hosts.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { makeAlertSender } from './alert-sender.ts';
import { slackRequest } from './wire.ts';

const atMs = 1_700_000_000_000;
const alert: Alert = {
  service: 'digits',
  environment: 'prod',
  family: 'release',
  key: 'release/failed',
  name: 'PlimsollReleaseFailed',
  severity: 'critical',
  summary: 'Release 4 failed: p99 <b> & more',
  next: '`plimsoll history`',
  startedAtMs: atMs - 60_000,
  resolvedAtMs: null,
};
const message: AlertMessage = {
  ...{ id: 'digits/prod/7', service: 'digits', environment: 'prod', isTest: false },
  alerts: [alert, { ...alert, key: 'drift/a', resolvedAtMs: atMs - 1_000 }],
};

interface Heard {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(answer: (response: ServerResponse, heard: readonly Heard[]) => void) {
  const heard: Heard[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      heard.push({ url: request.url ?? '', headers: request.headers, body });
      answer(response, heard);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

const ok = (response: ServerResponse): void => void response.end('ok');
const secrets: Record<string, string> = { 'secret/alerts#key': 'hush' };

function senderFor(setting: string) {
  const sender = makeAlertSender({
    allowed: readNotifyHosts(setting),
    clock: new FakeClock(atMs),
    secret: async (reference, { service }) => {
      const value = secrets[reference];
      if (value !== undefined && service === 'digits') return value;
      throw new PlimsollError({ code: 'secret-not-granted', category: 'refused', message: 'no', next: 'x' });
    },
  });
  closing.push(() => sender.close());
  return sender;
}
const send = (setting: string, target: NotifyTarget, signal = new AbortController().signal) =>
  senderFor(setting).send(target, message, signal);

describe('a message', () => {
  it('to a webhook is signed over its time and its body', async () => {
    const { origin, heard } = await serve(ok);
    await send(origin, { kind: 'webhook', address: `${origin}/in?x=1`, secret: 'secret/alerts#key' });
    const [{ url, headers, body } = { url: '', headers: {}, body: '' }] = heard;
    const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['plimsoll-signature'])) ?? [];
    expect(hex).toBe(createHmac('sha256', 'hush').update(`${seconds}.${body}`).digest('hex'));
    expect([url, seconds, headers['plimsoll-message']]).toEqual(['/in?x=1', '1700000000', 'digits/prod/7']);
    expect(JSON.parse(body)).toMatchObject({
      ...{ version: 1, id: 'digits/prod/7', service: 'digits', environment: 'prod', test: false },
      alerts: [
        { key: 'release/failed', status: 'firing', startedAt: '2023-11-14T22:12:20.000Z', resolvedAt: null },
        { key: 'drift/a', status: 'resolved', resolvedAt: '2023-11-14T22:13:19.000Z' },
      ],
    });
  });

  it('to Slack goes to the address in the secret, and its text is escaped', async () => {
    const { origin, heard } = await serve(ok);
    secrets['secret/slack#url'] = `${origin}/services/T0/x\n`;
    await send(origin, { kind: 'slack', address: 'secret/slack#url' });
    expect(heard.map(({ url }) => url)).toEqual(['/services/T0/x']);
    expect((JSON.parse(heard[0]?.body ?? '') as { text: string }).text).toBe(
      'Firing: digits in prod: Release 4 failed: p99 &lt;b&gt; &amp; more Next: `plimsoll history`\n' +
        'Resolved: digits in prod: Release 4 failed: p99 &lt;b&gt; &amp; more',
    );
    const many = { ...message, alerts: Array.from({ length: 25 }, () => alert), isTest: true };
    const { text } = JSON.parse(slackRequest(many).body) as { text: string };
    expect([text.split('\n').length, text.split('\n').at(-1), text.startsWith('Test: ')]).toEqual([
      21,
      'and 5 more',
      true,
    ]);
  });

  it('to an Alertmanager is its list of alerts, which stand for an hour or ended', async () => {
    const { origin, heard } = await serve(ok);
    await send(origin, { kind: 'alertmanager', address: `${origin}/am/` });
    expect(heard[0]?.url).toBe('/am/api/v2/alerts');
    expect(JSON.parse(heard[0]?.body ?? '')).toMatchObject([
      {
        labels: { alertname: 'PlimsollReleaseFailed', service: 'digits', environment: 'prod', key: 'release/failed' },
        annotations: { severity: 'critical', next: '`plimsoll history`' },
        startsAt: '2023-11-14T22:12:20.000Z',
        endsAt: '2023-11-14T23:13:20.000Z',
      },
      { endsAt: '2023-11-14T22:13:19.000Z' },
    ]);
  });
});

describe('what is not sent', () => {
  const slack = (address: string): NotifyTarget => ({ kind: 'slack', address });
  const failure = async (work: Promise<void>) => {
    const thrown: unknown = await work.then(
      () => null,
      (error: unknown) => error,
    );
    const { code, message: said, next } = thrown as PlimsollError;
    return { code, said: `${said} ${next}` };
  };

  it.each<[string, number, Record<string, string>, RegExp]>([
    ['a server that fails', 500, {}, /^slack 127\.0\.0\.1:\d+ answers with status 500 /],
    ['a redirect', 302, { location: 'http://169.254.169.254/' }, /redirect \(302\), which is not followed/],
  ])('%s is told, without the path', async (_, status, headers, words) => {
    const { origin, heard } = await serve((response) => response.writeHead(status, headers).end('secret-answer'));
    const { code, said } = await failure(send(origin, slack(`${origin}/secret-path`)));
    expect([code, heard.length]).toEqual(['notify-failed', 1]);
    expect(said).toMatch(words);
    expect(said).not.toMatch(/secret/);
  });

  it('a server that is not allowed is not asked, whoever names it', async () => {
    const { origin, heard } = await serve(ok);
    secrets['secret/inside#url'] = `${origin}/secret-path`;
    for (const [setting, target] of [
      ['', slack(`${origin}/secret-path`)],
      ['https://hooks.slack.com', slack('secret/inside#url')],
      [`dev=${origin}`, slack(`${origin}/secret-path`)],
    ] as const) {
      const { code, said } = await failure(send(setting, target));
      expect(code).toBe('notify-not-allowed');
      expect(said).toContain(`PLIMSOLL_NOTIFY_HOSTS="${origin}"`);
      expect(said).not.toContain('secret-path');
    }
    expect(heard).toEqual([]);
  });

  it('nothing goes out where a secret is not granted, or holds no address', async () => {
    const { origin, heard } = await serve(ok);
    const webhook = { kind: 'webhook', address: origin, secret: 'secret/other#key' } as const;
    expect(await failure(send(origin, webhook))).toMatchObject({ code: 'secret-not-granted' });
    expect(await failure(send(origin, slack('secret/alerts#key')))).toMatchObject({
      code: 'notify-address-invalid',
      said: expect.not.stringContaining('hush'),
    });
    expect(heard).toEqual([]);
  });

  it('a server that hangs, or that never ends its answer, is left when the signal says so', async () => {
    for (const answer of [() => undefined, (response: ServerResponse) => void response.write('a')]) {
      const leaving = new AbortController();
      const { origin } = await serve((response) => {
        answer(response);
        setImmediate(() => leaving.abort(new Error('enough')));
      });
      await expect(send(origin, slack(origin), leaving.signal)).rejects.toThrow();
    }
  });

  it('a server that is away is told', async () => {
    const { origin } = await serve(ok);
    for (const close of closing.splice(0)) await close();
    expect(await failure(send(origin, slack(origin)))).toMatchObject({
      code: 'notify-failed',
      said: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
