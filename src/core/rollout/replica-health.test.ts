import { describe, expect, it } from 'vitest';
import { askHealth, looksLikePage, noAnswer, type HealthAnswer } from './replica-health.ts';

const answering =
  (answers: Readonly<Record<string, number | string>>) =>
  async (path: string): Promise<HealthAnswer> => {
    const answer = answers[path] ?? 404;
    return typeof answer === 'number' ? { path, status: answer, trouble: '' } : { path, status: null, trouble: answer };
  };
const model = '/v2/models/digits/ready';

describe('a server', () => {
  it.each([
    ['ready with its model', { '/v2/health/ready': 200, [model]: 200 }, true],
    ['not ready', { '/v2/health/ready': 503, [model]: 200 }, false],
    ['without its model', { '/v2/health/ready': 200, [model]: 404 }, false],
  ] as const)('%s of the open inference protocol', async (_what, answers, ready) => {
    expect(await askHealth('open-inference-v2', 'digits', answering(answers))).toMatchObject({
      ready,
      couldNotAsk: false,
    });
  });

  it.each([
    ['healthy', { '/health': 200 }, true],
    ['without that path, and with models', { '/v1/models': 200 }, true],
    ['unhealthy', { '/health': 503, '/v1/models': 200 }, false],
  ] as const)('%s of the protocol of OpenAI', async (_what, answers, ready) => {
    expect(await askHealth('openai', 'chat', answering(answers))).toMatchObject({ ready });
  });
});

describe('another kind of server', () => {
  const reasonOf = async (
    answers: Readonly<Record<string, number | string>>,
    protocol: 'open-inference-v2' | 'openai' = 'open-inference-v2',
  ): Promise<string | null> => {
    const health = await askHealth(protocol, 'digits', answering(answers));
    expect(health).toMatchObject({ ready: false, timedOut: false, couldNotAsk: false });
    return health.isForeign === true ? health.reason : null;
  };

  it.each([301, 302, 307, 404, 405, 410, 426, 501])('is told by its status %d', async (status) => {
    expect(await reasonOf({ '/v2/health/ready': status })).toBe(
      `this server does not speak open-inference-v2 (GET /v2/health/ready: ${status})`,
    );
  });

  it('is told by the last path that was asked', async () => {
    expect(await reasonOf({}, 'openai')).toBe('this server does not speak openai (GET /v1/models: 404)');
    expect(await reasonOf({ '/v2/health/ready': 200 })).toBe(
      `this server has no model named digits (GET ${model}: 404)`,
    );
  });

  it.each([401, 403])('is told apart from one that asks for a credential (%d)', async (status) => {
    expect(await reasonOf({ '/v2/health/ready': status })).toMatch(/^this server asks for a credential/);
  });

  const answeringWith =
    (fields: Partial<HealthAnswer>) =>
    async (path: string): Promise<HealthAnswer> => ({ path, status: 200, trouble: '', ...fields });

  it.each(['open-inference-v2', 'openai'] as const)(
    'is a website that answers 200 to everything: %s',
    async (protocol) => {
      const health = await askHealth(protocol, 'digits', answeringWith({ isPage: true }));
      expect(health).toMatchObject({ ready: false, isForeign: true });
      expect(health.reason).toMatch(/does not speak .* 200 with a page in HTML\)$/);
    },
  );

  it('is none with a page for people at /health, where it lists its models', async () => {
    const answer = async (path: string): Promise<HealthAnswer> => ({
      ...{ path, status: 200, trouble: '' },
      ...(path === '/health' ? { isPage: true } : {}),
    });
    expect(await askHealth('openai', 'chat', answer)).toMatchObject({ ready: true });
  });

  it.each([{ status: 400 }, { status: null, trouble: 'ECONNRESET' }])('is one that speaks TLS: %j', async (fields) => {
    const health = await askHealth('openai', 'chat', answeringWith({ ...fields, speaksTls: true }));
    expect(health).toMatchObject({
      ready: false,
      isForeign: true,
      reason: expect.stringContaining('speaks TLS') as string,
    });
  });

  it('is no page by its type or by its first bytes alone', () => {
    expect(looksLikePage('text/html; charset=utf-8', '\n<!DOCTYPE html>')).toBe(true);
    expect(looksLikePage('text/html', 'OK')).toBe(false);
    expect(looksLikePage('text/plain', '<html>')).toBe(false);
    expect(looksLikePage(undefined, '<html>')).toBe(false);
  });

  it('is one whose answer is no HTTP', async () => {
    expect(await reasonOf({ '/v2/health/ready': 'HPE_INVALID_CONSTANT' })).toContain('it may speak TLS');
  });

  it.each([400, 408, 425, 429, 500, 503, 'ECONNREFUSED', 'ECONNRESET'])(
    'is not told from what a server answers that is not ready yet (%s)',
    async (answer) => {
      const health = await askHealth('open-inference-v2', 'digits', answering({ '/v2/health/ready': answer }));
      expect(health.isForeign).toBeUndefined();
      expect(health.ready).toBe(false);
    },
  );
});

describe('a server that does not answer', () => {
  it.each(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN', 'EADDRNOTAVAIL'])(
    'says nothing of it where the trouble is our own (%s)',
    async (trouble) => {
      const health = await askHealth('openai', 'chat', answering({ '/health': trouble }));
      expect(health).toEqual({ ready: false, reason: `GET /health: ${trouble}`, timedOut: false, couldNotAsk: true });
    },
  );

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', noAnswer])('is not ready (%s)', async (trouble) => {
    const health = await askHealth('openai', 'chat', answering({ '/health': trouble }));
    expect(health).toMatchObject({ ready: false, timedOut: trouble === noAnswer, couldNotAsk: false });
  });

  it('is judged by who asked, where they know whose trouble it is', async () => {
    const ask = async (path: string): Promise<HealthAnswer> => ({ path, status: null, trouble: 'x', isOwn: true });
    expect(await askHealth('openai', 'chat', ask)).toMatchObject({ ready: false, couldNotAsk: true });
  });
});
