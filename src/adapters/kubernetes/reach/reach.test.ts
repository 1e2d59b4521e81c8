import { describe, expect, it } from 'vitest';
import type { ApiCall, ApiClient, ApiReply } from '../api/api-client.ts';
import { findControlPlane } from './find-control-plane.ts';
import { requestAccountToken } from './request-account-token.ts';

const never = new AbortController().signal;
const answering = (status: number, body: object, calls: ApiCall[] = []): ApiClient => ({
  call(call) {
    calls.push(call);
    return Promise.resolve({ status, text: '', body } as ApiReply);
  },
  lines: () => {
    throw new Error('nothing is watched');
  },
});
const makePod = (name: string, installation: string, isReady: boolean, more: object = {}): object => ({
  metadata: { name, labels: { 'app.kubernetes.io/instance': installation }, ...more },
  status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
});
const find = (items: unknown, installation: string | null = null) =>
  findControlPlane(answering(200, { items }), 'ml', installation, never);

describe('the control plane of a namespace', () => {
  it('is the pod that is ready, which has the lease, and is not told to end', async () => {
    const pods = [
      makePod('a', 'first', false),
      makePod('b', 'first', true, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      makePod('c', 'first', true),
    ];
    expect(await find(pods)).toEqual({ installation: 'first', pod: 'c' });
  });

  it('is that of the installation that is named', async () => {
    const pods = [makePod('a', 'first', true), makePod('b', 'second', true)];
    expect(await find(pods, 'second')).toEqual({ installation: 'second', pod: 'b' });
  });

  it.each([
    ['no pod', [], null, 'installation-missing', 'no control plane of Plimsoll runs in the namespace ml'],
    ['no list', undefined, null, 'installation-missing', 'no control plane'],
    ['things that are no pods', [null, 7, {}], null, 'installation-missing', 'no control plane'],
    [
      'two installations',
      [makePod('b', 'second', true), makePod('a', 'first', true)],
      null,
      'installation-unnamed',
      'in the namespace ml there is first, second',
    ],
    [
      'another installation',
      [makePod('a', 'first', true)],
      'frist',
      'installation-unnamed',
      'there is first, and none is frist',
    ],
    ['none that is ready', [makePod('a', 'first', false)], null, 'control-plane-not-ready', 'none of 1 control planes'],
  ])('is told apart from %s', async (_what, items, installation, code, message) => {
    await expect(find(items, installation)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('a token to ask with', () => {
  const ask = (status: number, body: object, calls: ApiCall[] = []) =>
    requestAccountToken(answering(status, body, calls), { namespace: 'ml', installation: 'first' }, 'plimsoll', never);

  it('is of the account of the installation, for the audience of the control plane', async () => {
    const calls: ApiCall[] = [];
    expect(await ask(201, { status: { token: 'eyJ' } }, calls)).toBe('eyJ');
    expect(calls).toMatchObject([
      { path: '/api/v1/namespaces/ml/serviceaccounts/first-cli/token', body: { spec: { audiences: ['plimsoll'] } } },
    ]);
  });

  it.each([
    [404, { message: 'not found' }],
    [422, { message: 'invalid' }],
    [201, {}],
  ])('that is not there (%s) is said with what to do', async (status, body) => {
    await expect(ask(status, body)).rejects.toMatchObject({
      code: 'account-missing',
      next: expect.stringContaining('PLIMSOLL_TOKEN_FILE') as string,
    });
  });
});
