import { Agent, EnvHttpProxyAgent, request } from 'undici';

const withinMs = 5_000;

/** Reads a small text by GET. Redirects are not followed. */
export type FetchText = (url: string, bytesAtMost: number) => Promise<string>;

export interface Asking {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A longer body is not read. */
  readonly bytesAtMost: number;
  /** Of which answers the body is read; left out, of all. */
  readonly isRead?: (status: number) => boolean;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export type AskProvider = (url: string, asking: Asking) => Promise<Answered>;

/**
 * Asks a provider, through the proxy of the environment where it is not on this machine. Redirects are not followed.
 * Connections are closed after each answer: keys are read once in ten minutes. @throws Error with a reason for people.
 */
export function makeAskProvider(): AskProvider {
  const [direct, proxied] = [new Agent(), new EnvHttpProxyAgent()];
  return async (url, { method = 'GET', headers = {}, body: sent, bytesAtMost, isRead = () => true }) => {
    const isNear = /^https?:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::|\/|$)/.test(url);
    const { statusCode, body, ...answer } = await request(url, {
      method,
      dispatcher: isNear ? direct : proxied,
      headers: { accept: 'application/json', ...headers },
      signal: AbortSignal.timeout(withinMs),
      reset: true,
      ...(sent === undefined ? {} : { body: sent }),
    });
    // A body that is destroyed tells an error, which nobody else would hear.
    body.on('error', () => undefined);
    if (!isRead(statusCode)) {
      body.destroy();
      return { status: statusCode, headers: answer.headers, text: '' };
    }
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of body) {
      parts.push(part as Buffer);
      bytes += (part as Buffer).length;
      if (bytes > bytesAtMost) throw new Error(`${url} answered more than ${bytesAtMost} bytes`);
    }
    return { status: statusCode, headers: answer.headers, text: Buffer.concat(parts).toString('utf8') };
  };
}

export function makeFetchText(ask: AskProvider = makeAskProvider()): FetchText {
  return async (url, bytesAtMost) => {
    const { status, text } = await ask(url, { bytesAtMost, isRead: (each) => each === 200 });
    if (status !== 200) throw new Error(`${url} answered ${status}`);
    return text;
  };
}
