import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventStreamParser } from './event-stream.ts';

test('reads events, and passes comments and unknown fields over', () => {
  const parser = new EventStreamParser();
  expect(parser.push(': ping\n\nid: 7\nevent: routing\ndata: {"a":\ndata: 1}\n\ndata:plain\r\n\r\n')).toEqual([
    { event: 'routing', data: '{"a":\n1}' },
    { event: 'message', data: 'plain' },
  ]);
});

test('reads the same events however the text is cut', () => {
  const value = fc.string({ unit: fc.constantFrom('a', ':', ' ', '{', 'é'), maxLength: 12 });
  const events = fc.array(fc.record({ event: fc.constantFrom('routing', 'view'), data: value }), { maxLength: 6 });
  fc.assert(
    fc.property(events, fc.constantFrom('\n', '\r\n'), fc.array(fc.nat(200)), (sent, eol, cuts) => {
      const wire = sent.map(({ event, data }) => `event: ${event}${eol}data: ${data}${eol}${eol}`).join('');
      const at = [...new Set([0, ...cuts.map((cut) => Math.min(cut, wire.length)), wire.length])].sort((a, b) => a - b);
      const parser = new EventStreamParser();
      const received = at.slice(1).flatMap((end, index) => [...parser.push(wire.slice(at[index], end))]);
      expect(received).toEqual(sent);
    }),
  );
});

test('a line without an end does not grow for ever', () => {
  const parser = new EventStreamParser();
  expect(() => {
    for (let n = 0; n < 20; n += 1) parser.push('x'.repeat(1024 * 1024));
  }).toThrow(/too long/);
});
