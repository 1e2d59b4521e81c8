import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { findListenProblem, listenText, parseListenAddress, settledAddress, urlOf } from './listen-address.ts';

describe('an address to listen on', () => {
  it.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }, 'http://127.0.0.1:8080'],
    ['localhost:0', { host: 'localhost', port: 0 }, 'http://localhost:0'],
    ['[::1]:80', { host: '::1', port: 80 }, 'http://[::1]:80'],
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }, 'http://127.0.0.1:80'],
  ])('%s', (text, address, url) => {
    expect(parseListenAddress(text, '--listen')).toEqual(address);
    expect(listenText(address)).toBe(text);
    expect(urlOf(address)).toBe(url);
  });

  it.each(['8080', '127.0.0.1', '127.0.0.1:99999', ':80', 'a b:80'])('is not %s', (text) => {
    expect(() => parseListenAddress(text, '--listen')).toThrow(/--listen must be HOST:PORT/);
  });

  it('gets a port that stays when any was asked for', async () => {
    const settled = await settledAddress({ host: '127.0.0.1', port: 0 });
    expect(settled.port).toBeGreaterThan(0);
    expect(await settledAddress(settled)).toBe(settled);
    expect(await findListenProblem(settled, '')).toBeNull();
  });

  it('that is taken is named together with its holder, and with the way out', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    try {
      expect(await findListenProblem({ host: '127.0.0.1', port }, 'take another')).toMatchObject({
        code: 'port-taken',
        category: 'unavailable',
        message: expect.stringContaining(`127.0.0.1:${port} is taken by process ${process.pid}`) as string,
        next: 'take another',
      });
    } finally {
      server.close();
    }
  });

  it('that this machine does not have is wrong input', async () => {
    expect(await findListenProblem({ host: '192.0.2.1', port: 8080 }, '')).toMatchObject({
      code: 'address-unusable',
      category: 'input',
    });
  });
});
