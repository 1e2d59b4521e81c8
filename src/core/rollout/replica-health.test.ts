import { describe, expect, it } from 'vitest';
import { askHealth, noAnswer, type HealthAnswer } from './replica-health.ts';

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
