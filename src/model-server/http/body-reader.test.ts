import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { BodyReader } from './body-reader.ts';

/** As much of a request as the reader looks at: a stream with headers. */
function request(headers: Readonly<Record<string, string>> = {}): PassThrough & IncomingMessage {
  return Object.assign(new PassThrough(), { headers }) as PassThrough & IncomingMessage;
}

const limits = { maxBodyBytes: 100, maxTotalBytes: 250 };

describe('BodyReader', () => {
  test('gives the bytes and holds them until they are released', async () => {
    const reader = new BodyReader(limits);
    const body = request({ 'content-length': '5' });
    const reading = reader.read(body);
    body.write('he');
    body.end('llo');
    const { bytes, release } = await reading;
    expect(new TextDecoder().decode(bytes)).toBe('hello');
    expect(reader.heldBytes).toBe(5);
    release();
    release();
    expect(reader.heldBytes).toBe(0);
  });

  test('bodies together have a bound of their own, counted from what they announce', async () => {
    const reader = new BodyReader(limits);
    const open = [request({ 'content-length': '100' }), request({ 'content-length': '100' })];
    const reading = open.map((body) => reader.read(body));
    await expect(reader.read(request({ 'content-length': '100' }))).rejects.toMatchObject({
      code: 'body-budget',
      category: 'overloaded',
    });
    for (const body of open) body.end('x');
    for (const { release } of await Promise.all(reading)) release();
    expect(reader.heldBytes).toBe(0);
  });

  test('a body that does not announce its length is counted as it grows, and let go when it is refused', async () => {
    const reader = new BodyReader(limits);
    const body = request();
    const reading = reader.read(body);
    body.write('x'.repeat(60));
    await new Promise((resolve) => setImmediate(resolve));
    expect(reader.heldBytes).toBe(60);
    body.write('x'.repeat(60));
    await expect(reading).rejects.toMatchObject({ code: 'body-too-large' });
    expect(reader.heldBytes).toBe(0);
  });

  test('a connection that closes early is an error, and holds nothing', async () => {
    const reader = new BodyReader(limits);
    const body = request({ 'content-length': '50' });
    const reading = reader.read(body);
    body.write('x');
    body.destroy();
    await expect(reading).rejects.toMatchObject({ code: 'body-aborted' });
    expect(reader.heldBytes).toBe(0);
  });

  test('bodies of many pieces are whole, whether their memory was another body before or not', async () => {
    const reader = new BodyReader({ maxBodyBytes: 2 ** 20, maxTotalBytes: 2 ** 22 });
    const read = async (letter: string, length: number) => {
      const body = request({ 'content-length': String(length) });
      const reading = reader.read(body);
      for (let left = length; left > 0; left -= 30_000) body.write(letter.repeat(Math.min(left, 30_000)));
      body.end();
      return reading;
    };
    const [first, second] = await Promise.all([read('a', 200_000), read('b', 100_000)]);
    expect(Buffer.from(first.bytes).toString()).toBe('a'.repeat(200_000));
    expect(Buffer.from(second.bytes).toString()).toBe('b'.repeat(100_000));
    first.release();
    const third = await read('c', 150_000);
    expect(third.bytes.buffer).toBe(first.bytes.buffer);
    expect(Buffer.from(third.bytes).toString()).toBe('c'.repeat(150_000));
    expect(Buffer.from(second.bytes).toString()).toBe('b'.repeat(100_000));
  });

  test('memory is given back once, however often a body is released', async () => {
    const reader = new BodyReader({ maxBodyBytes: 2 ** 20, maxTotalBytes: 2 ** 22 });
    const read = async () => {
      const body = request({ 'content-length': '100000' });
      body.end('x'.repeat(100_000));
      return reader.read(body);
    };
    const first = await read();
    first.release();
    first.release();
    const [second, third] = [await read(), await read()];
    expect(second.bytes.buffer).not.toBe(third.bytes.buffer);
  });

  test("memory that is taken beside a body is nobody else's until the body is released", async () => {
    const reader = new BodyReader({ maxBodyBytes: 2 ** 20, maxTotalBytes: 2 ** 22 });
    const read = async () => {
      const body = request({ 'content-length': '2' });
      body.end('{}');
      return reader.read(body);
    };
    const [first, second] = [await read(), await read()];
    const rooms = [first.take(200_000), first.take(200_000), second.take(200_000)];
    expect(new Set(rooms.map((room) => room?.buffer)).size).toBe(3);
    expect(Math.min(...rooms.map((room) => room?.length ?? 0))).toBeGreaterThanOrEqual(200_000);
    first.release();
    first.release();
    const third = await read();
    const again = [third.take(200_000), third.take(200_000), third.take(200_000)].map((room) => room?.buffer);
    expect(new Set([...again, rooms[2]?.buffer]).size).toBe(4);
    expect(again).toEqual(expect.arrayContaining([rooms[0]?.buffer, rooms[1]?.buffer]));
    expect(third.take(100)).toBeNull();
  });
});
