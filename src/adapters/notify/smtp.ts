import { connect, isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** Encrypted from the first byte; else by STARTTLS, which only a server of this machine may be without. */
  readonly isTls: boolean;
  readonly isNear: boolean;
  readonly login: { readonly user: string; readonly password: string } | null;
}

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body, each line ended by CR LF, ASCII, no line above 998 bytes. */
  readonly text: string;
}

/** What the server did not take, by its code: 4xx is for now, 5xx for good. 0: it does not speak as it should. */
export class SmtpRefusal extends Error {
  readonly code: number;

  constructor(code: number, what: string) {
    super(what);
    this.code = code;
  }
}

/** A recipient that the server did not take. */
export interface Unreached {
  readonly to: string;
  readonly refusal: SmtpRefusal;
}

const replyAtMost = 65_536;
/** The server is about to close (RFC 5321, 3.8): it says nothing about a recipient. */
const closingCode = 421;

interface Reply {
  readonly code: number;
  readonly lines: readonly string[];
}

/**
 * Sends a mail (RFC 5321, STARTTLS by RFC 3207, AUTH by RFC 4954). Ends the connection when the signal says so: the time limit
 * is of whoever calls.
 *
 * @returns the recipients that the server did not take, and why; the others get the mail.
 * @throws SmtpRefusal with what the server said, also where it takes no recipient; an error of the socket; or the reason of
 *   the signal.
 */
export async function sendMail(server: SmtpServer, mail: Mail, signal: AbortSignal): Promise<readonly Unreached[]> {
  signal.throwIfAborted();
  const plain = server.isTls ? openTls(server) : connect(server.port, server.host);
  let line = new SmtpLine(plain);
  const end = (): void => {
    line.end(signal.reason instanceof Error ? signal.reason : new Error('ended'));
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    await line.expect(2, 'the greeting');
    let able = await sayHello(line);
    if (!server.isTls && (able.has('STARTTLS') || !server.isNear)) {
      if (!able.has('STARTTLS')) throw new SmtpRefusal(500, 'offers no STARTTLS, and nothing is sent unencrypted');
      await line.ask('STARTTLS', 2);
      // What came before the handshake is not believed: somebody in between may have put it there.
      line = new SmtpLine(openTls(server, line.release()));
      able = await sayHello(line);
    }
    if (server.login !== null) await logIn(line, able, server.login);
    await line.ask(`MAIL FROM:<${mail.from}>`, 2);
    const refused = await nameRecipients(line, mail.to);
    await line.ask('DATA', 3);
    await line.ask(`${stuffDots(mail.text)}.`, 2, 'the message');
    // It is taken: what comes after changes nothing.
    await line.ask('QUIT', 2).catch(() => undefined);
    return refused;
  } finally {
    signal.removeEventListener('abort', end);
    line.end(new Error('ended'));
  }
}

async function nameRecipients(line: SmtpLine, recipients: readonly string[]): Promise<readonly Unreached[]> {
  const refused: Unreached[] = [];
  for (const to of recipients) {
    try {
      await line.ask(`RCPT TO:<${to}>`, 2, to);
    } catch (thrown) {
      if (!(thrown instanceof SmtpRefusal) || thrown.code < 400 || thrown.code === closingCode) throw thrown;
      refused.push({ to, refusal: thrown });
    }
  }
  // One that may be taken later is reason enough to try the mail again.
  const why = refused.find(({ refusal }) => refusal.code < 500) ?? refused[0];
  if (why !== undefined && refused.length === recipients.length) throw why.refusal;
  return refused;
}

/** The certificate is held against `host`, also where it is an address and the connection is there already. */
function openTls({ host, port }: SmtpServer, socket?: Socket): Socket {
  const named = isIP(host) === 0 ? { host, servername: host } : { host };
  return connectTls({ ...named, ...(socket === undefined ? { port } : { socket }) });
}

/** A line that begins with a dot would end the message: it gets another dot (RFC 5321, 4.5.2). */
export const stuffDots = (text: string): string => text.replace(/^\./gm, '..');

async function sayHello(line: SmtpLine): Promise<ReadonlyMap<string, string>> {
  const { lines } = await line.ask(`EHLO ${/^[\w.-]+$/.test(hostname()) ? hostname() : 'localhost'}`, 2);
  return new Map(
    lines.slice(1).map((each) => {
      const [name = '', ...rest] = each.toUpperCase().split(/[ =]/);
      return [name, rest.join(' ')];
    }),
  );
}

async function logIn(
  line: SmtpLine,
  able: ReadonlyMap<string, string>,
  { user, password }: NonNullable<SmtpServer['login']>,
): Promise<void> {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const ways = (able.get('AUTH') ?? '').split(' ');
  if (ways.includes('PLAIN')) {
    await line.ask(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`, 2, 'the login');
  } else if (ways.includes('LOGIN')) {
    await line.ask('AUTH LOGIN', 3, 'the login');
    await line.ask(base64(user), 3, 'the login');
    await line.ask(base64(password), 2, 'the login');
  } else throw new SmtpRefusal(500, 'offers neither AUTH PLAIN nor AUTH LOGIN');
}

/** One command at a time, and its reply. */
class SmtpLine {
  readonly #socket: Socket;
  #text = '';
  #ended: Error | null = null;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', this.#take);
    socket.on('error', this.#fail);
    socket.on('close', this.#close);
  }

  readonly #take = (chunk: Buffer): void => {
    this.#text += chunk.toString('latin1');
    if (this.#text.length > replyAtMost) this.end(new SmtpRefusal(0, 'answers with more than 64 kB'));
    this.#wake();
  };
  readonly #fail = (error: Error): void => {
    this.#ended ??= error;
    this.#wake();
  };
  readonly #close = (): void => {
    this.#fail(new SmtpRefusal(0, 'closed the connection'));
  };

  end(why: Error): void {
    this.#fail(why);
    this.#socket.destroy();
  }

  /** The socket, for another use; what was read of it and not asked for is thrown away. */
  release(): Socket {
    this.#socket.removeAllListeners('data').removeAllListeners('close');
    return this.#socket;
  }

  async ask(command: string, wanted: 2 | 3, named = command.split(/[ :]/, 1).join('')): Promise<Reply> {
    this.#socket.write(`${command}\r\n`);
    return this.expect(wanted, named);
  }

  async expect(wanted: 2 | 3, named: string): Promise<Reply> {
    const reply = await this.#read();
    if (Math.floor(reply.code / 100) === wanted) return reply;
    const said = reply.lines
      .join(' ')
      .replace(/[^ -~]/g, '?')
      .slice(0, 200);
    throw new SmtpRefusal(reply.code, `does not take ${named}: ${reply.code} ${said}`.trim());
  }

  async #read(): Promise<Reply> {
    const lines: string[] = [];
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end === -1) {
        if (this.#ended !== null) throw this.#ended;
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const text = this.#text.slice(0, end).replace(/\r$/, '');
      this.#text = this.#text.slice(end + 1);
      const [, code, sign, rest = ''] = /^([2-5]\d\d)(?:([ -])(.*))?$/.exec(text) ?? [];
      if (code === undefined) throw new SmtpRefusal(0, 'does not speak SMTP');
      lines.push(rest);
      if (sign !== '-') return { code: Number(code), lines };
    }
  }
}
