import { afterEach, describe, expect, it } from 'vitest';
import {
  spareOrderAtMostBytes,
  spareOrderPath,
  spareTokenHeader,
  type SpareOrder,
} from '../../schemas/replica/spare-order.ts';
import { openOrderDoor, type OrderDoor } from './order-door.ts';

const order: SpareOrder = {
  orderVersion: 1,
  replicaId: 'a-1',
  args: ['--threads', '1'],
  env: { A: 'b' },
  folder: '/w',
};
let over = new AbortController();
afterEach(() => over.abort());

async function open(): Promise<OrderDoor> {
  over = new AbortController();
  return openOrderDoor('hush', over.signal);
}

const send = async (
  { port }: OrderDoor,
  body: string,
  { token = 'hush', path = spareOrderPath, method = 'POST' } = {},
): Promise<number> => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: token === '' ? {} : { [spareTokenHeader]: token },
    ...(method === 'POST' ? { body } : {}),
  });
  await response.text();
  return response.status;
};

describe('the door of a spare', () => {
  it('takes one order, answers it, and closes', async () => {
    const door = await open();
    expect(await send(door, JSON.stringify(order))).toBe(200);
    expect(await door.order).toEqual(order);
    await expect(send(door, JSON.stringify(order))).rejects.toThrow();
  });

  it.each([
    ['without a token', { token: '' }, JSON.stringify(order), 401],
    ['with another token', { token: 'hush-hush' }, JSON.stringify(order), 401],
    ['elsewhere', { path: '/v2/health/ready' }, JSON.stringify(order), 404],
    ['that only reads', { method: 'GET' }, '', 404],
    ['that is no JSON', {}, '{', 400],
    ['of another version', {}, JSON.stringify({ ...order, orderVersion: 2 }), 400],
    ['that lacks its replica', {}, JSON.stringify({ ...order, replicaId: undefined }), 400],
    ['that is too large', {}, JSON.stringify({ ...order, folder: 'x'.repeat(spareOrderAtMostBytes) }), 413],
  ])('refuses an order %s, and waits on', async (_name, how, body, status) => {
    const door = await open();
    expect(await send(door, body, how)).toBe(status);
    expect(await send(door, JSON.stringify(order))).toBe(200);
    expect(await door.order).toEqual(order);
  });

  it('takes one of two orders at once', async () => {
    const door = await open();
    const answers = await Promise.allSettled([send(door, JSON.stringify(order)), send(door, JSON.stringify(order))]);
    const statuses = answers.map((each) => (each.status === 'fulfilled' ? each.value : 'closed'));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  });

  it('gives no order once it is told to end', async () => {
    const door = await open();
    over.abort();
    expect(await door.order).toBeNull();
  });
});
