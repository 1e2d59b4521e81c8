import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { NotifyTarget } from '../../core/contract/notify-target.ts';
import type { Alert, AlertMessage } from '../../core/monitoring/notify/alert.ts';
import { readMailServer, readNotifyHosts } from '../../core/monitoring/notify/notify-hosts.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { makeAlertSender } from './alert-sender.ts';
import { mailText } from './mail-text.ts';
import { sendMail, stuffDots } from './smtp.ts';

const alert: Alert = {
  ...{ service: 'digits', environment: 'prod', family: 'drift', key: 'drift/a', name: 'PlimsollDrift' },
  ...{ severity: 'critical', summary: 'Größe moved\r\nBcc: evil@example.com\r\n.\r\nQUIT', next: null },
  ...{ startedAtMs: 0, resolvedAtMs: null },
};
const message: AlertMessage = {
  ...{ id: 'digits/prod/7', service: 'digits', environment: 'prod', isTest: false, alerts: [alert] },
};

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server of mail that answers each line by `answers`, by its first word; null closes, undefined hangs. */
async function serve(answers: Record<string, string | null | undefined> = {}, greeting: string | null = '220 hello') {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    let isData = false;
    let left = '';
    socket.on('error', () => undefined);
    if (greeting !== null) socket.write(`${greeting}\r\n`);
    socket.on('data', (chunk) => {
      left += chunk.toString();
      for (let end = left.indexOf('\r\n'); end !== -1; end = left.indexOf('\r\n')) {
        const line = left.slice(0, end);
        left = left.slice(end + 2);
        heard.push(line);
        if (isData && line !== '.') continue;
        const first = isData ? '.' : (line.split(/[ :]/)[0] ?? '');
        const word = first === 'RCPT' && line.includes('<b@') && 'RCPT b' in answers ? 'RCPT b' : first;
        const usual: Record<string, string> = {
          EHLO: '250-me\r\n250 AUTH LOGIN PLAIN',
          DATA: '354 go',
          QUIT: '221 bye',
        };
        const answer = word in answers ? answers[word] : (usual[word] ?? '250 ok');
        isData = word === 'DATA' && answer?.startsWith('354') === true;
        if (answer === null) socket.destroy();
        else if (answer !== undefined) socket.write(`${answer}\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { port, address: `smtp://127.0.0.1:${port}`, heard };
}

function send(address: string, login: string | null = null, signal = new AbortController().signal, allowed = address) {
  const sender = makeAlertSender({
    allowed: readNotifyHosts(allowed),
    clock: new FakeClock(1_700_000_000_000),
    secret: async () => 'ada:pass:word',
  });
  const target: NotifyTarget = {
    ...{ kind: 'smtp', address, from: 'plimsoll@example.com', to: ['a@example.com', 'b@example.com'], login },
  };
  return sender.send(target, message, signal).finally(() => sender.close());
}

describe('a mail', () => {
  it('goes to each receiver, and what an alert says ends neither a header nor the message', async () => {
    const { address, heard } = await serve();
    await send(address);
    const commands = heard.filter((line) => /^(EHLO|MAIL|RCPT|DATA|QUIT|AUTH)/.test(line));
    expect(commands.slice(1)).toEqual([
      'MAIL FROM:<plimsoll@example.com>',
      ...['RCPT TO:<a@example.com>', 'RCPT TO:<b@example.com>', 'DATA', 'QUIT'],
    ]);
    const data = heard.slice(heard.indexOf('DATA') + 1, heard.indexOf('.'));
    expect(data.some((line) => line.startsWith('Bcc'))).toBe(false);
    expect(data.every((line) => /^[ -~]{0,998}$/.test(line))).toBe(true);
    const body = Buffer.from(data.slice(data.indexOf('') + 1).join(''), 'base64').toString();
    expect(body).toContain('Firing: digits in prod: Größe moved');
    expect(data).toContain('Message-ID: <digits.prod.7@example.com>');
  });

  it('logs in by PLAIN, else by LOGIN, with the value of the secret', async () => {
    const plain = await serve({ AUTH: '235 in' });
    await send(plain.address, 'secret/mail#login');
    expect(plain.heard).toContain(`AUTH PLAIN ${Buffer.from('\0ada\0pass:word').toString('base64')}`);
    const word = Buffer.from('ada').toString('base64');
    const login = await serve({
      EHLO: '250-me\r\n250 AUTH LOGIN',
      AUTH: '334 user',
      [word]: '334 word',
      cGFzczp3b3Jk: '235 in',
    });
    await send(login.address, 'secret/mail#login');
    expect(login.heard).toContain('cGFzczp3b3Jk');
    const none = await serve({ EHLO: '250 me' });
    await expect(send(none.address, 'secret/mail#login')).rejects.toThrow('neither AUTH PLAIN nor AUTH LOGIN');
  });

  it.each([
    [{ RCPT: '550 no such user' }, 'notify-rejected', 'does not take a@example.com: 550 no such user'],
    [{ RCPT: '450 later' }, 'notify-failed', 'does not take a@example.com: 450 later'],
    [{ 'RCPT b': '421 closing' }, 'notify-failed', '421 closing'],
    [{ '.': '554 spam' }, 'notify-rejected', 'does not take the message: 554 spam'],
    [{ AUTH: '535 wrong' }, 'notify-rejected', 'does not take the login: 535 wrong'],
    [{ MAIL: '451 later' }, 'notify-failed', '451 later'],
    [{ '.': '452 full' }, 'notify-failed', '452 full'],
    [{ DATA: null }, 'notify-failed', 'closed the connection'],
    [{ '.': null }, 'notify-failed', 'closed the connection'],
    [{ MAIL: 'HTTP/1.1 400 Bad Request' }, 'notify-failed', 'does not speak SMTP'],
    [{ MAIL: `250-${'x'.repeat(70_000)}` }, 'notify-failed', 'more than 64 kB'],
  ])('that the server answers with %j fails as %s', async (answers, code, text) => {
    const { address } = await serve(answers);
    await expect(send(address, 'AUTH' in answers ? 'secret/mail#login' : null)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text),
    });
  });

  it.each(['550 no such user', '450 later'])(
    'reaches the others where one recipient gets %s, and says so',
    async (said) => {
      const { address, heard } = await serve({ 'RCPT b': said });
      await expect(send(address)).rejects.toMatchObject({
        code: 'notify-rejected',
        message: expect.stringContaining(
          `1 of 2 recipients: does not take b@example.com: ${said}; it is not tried again`,
        ),
      });
      expect(heard).toContain('DATA');
      expect(heard.at(-1)).toBe('QUIT');
    },
  );

  it('ends with its signal where a server hangs, at the greeting and after the message', async () => {
    for (const [answers, greeting] of [
      [{}, null],
      [{ '.': undefined }, '220 hello'],
    ] as const) {
      const { address } = await serve(answers, greeting);
      await expect(send(address, null, AbortSignal.timeout(100))).rejects.toThrow(/timeout/i);
    }
  });

  it('that was taken is sent, whatever comes after', async () => {
    const { address } = await serve({ QUIT: null });
    await expect(send(address)).resolves.toBeUndefined();
  });

  it('is not sent where nobody listens, nor to a server that is not allowed', async () => {
    await expect(send('smtp://127.0.0.1:1')).rejects.toMatchObject({ code: 'notify-failed' });
    const { address, heard } = await serve();
    const refused = send(address, null, undefined, 'smtp://mail.example.com:25 https://127.0.0.1');
    await expect(refused).rejects.toMatchObject({ code: 'notify-not-allowed' });
    expect(heard).toEqual([]);
  });

  it('never goes unencrypted to another machine, and not to a server whose certificate nobody vouches for', async () => {
    const server = { host: '127.0.0.1', isTls: false, isNear: false, login: null };
    const mail = { from: 'a@b.c', to: ['d@e.f'], text: 'x\r\n' };
    const { signal } = new AbortController();
    const plain = await serve();
    await expect(sendMail({ ...server, port: plain.port }, mail, signal)).rejects.toThrow('offers no STARTTLS');
    expect(plain.heard.some((line) => line.startsWith('MAIL'))).toBe(false);
    const fake = await serve({ EHLO: '250-me\r\n250 STARTTLS', STARTTLS: '220 go\r\n250 injected' });
    await expect(sendMail({ ...server, port: fake.port }, mail, AbortSignal.timeout(2_000))).rejects.toThrow();
    expect(fake.heard.some((line) => line.startsWith('MAIL'))).toBe(false);
  });
});

it('dots at the beginning of a line are doubled', () => {
  expect(stuffDots('.a\r\nb.\r\n..c')).toBe('..a\r\nb.\r\n...c');
});

it('a subject is encoded, and cut at whole characters', () => {
  const text = mailText({ ...message, alerts: [{ ...alert, summary: '😀'.repeat(500) }] }, 'a@b.c', ['d@e.f'], 0);
  const words = [...text.matchAll(/=\?utf-8\?B\?([^?]*)\?=/g)].map(([, word = '']) =>
    Buffer.from(word, 'base64').toString(),
  );
  expect(words.join('')).toMatch(/^\[Plimsoll\] digits in prod: 😀+$/u);
});

it.each([
  ['smtp://Mail.example.com', 'mail.example.com', 25],
  ['smtp://[::1]:2525', '::1', 2_525],
  ['smtps://mail.example.com', 'mail.example.com', 465],
  ['https://mail.example.com', undefined, undefined],
  ['smtp://user:word@mail.example.com', undefined, undefined],
  ['smtp://mail.example.com/x', undefined, undefined],
])('%s is the server %s', (text, host, port) => {
  const found = readMailServer(text);
  expect([found?.host, found?.port]).toEqual([host, port]);
});
