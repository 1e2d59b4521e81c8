import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FinishedCapture } from '../../gateway/capture/capture-sink.ts';
import { CapturedBody } from '../../gateway/capture/captured-body.ts';
import { aCapture, encodeCaptures } from '../../testing/builders/captures.ts';
import { readSegment } from './read-segment.ts';

const encode = (captures: readonly FinishedCapture[], owner = 'digits'): Uint8Array => encodeCaptures(captures, owner);

test('a record says what was captured, whatever bytes the bodies hold', () => {
  const anyBytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(anyBytes, anyBytes, fc.string({ unit: 'grapheme' }), (first, second, path) => {
      const body = new CapturedBody(500);
      for (const chunk of [first, second]) body.keep(chunk);
      const request = { headers: { 'content-type': path, 'inference-header-content-length': '12' }, body };
      const samples = readSegment(encode([aCapture(), aCapture({ request, path }), aCapture()]));
      expect(samples).toHaveLength(3);
      const { body: read, ...facts } = samples[1]?.request ?? { body: new Uint8Array() };
      expect(facts).toEqual({
        contentType: path,
        jsonBytes: 12,
        contentEncoding: null,
        cut: first.byteLength + second.byteLength > 500,
      });
      expect(Buffer.from(read).equals(Buffer.concat([first, second]).subarray(0, 500))).toBe(true);
      expect(samples[1]).toMatchObject({ requestId: 'id-1', path, latencyMs: 12.5, control: null, unit: null });
      expect(Buffer.from(samples[2]?.response.body ?? []).toString()).toBe('answer');
    }),
  );
});

test('the draw is told with its set; the key of a unit is not', () => {
  const eligible = ['a', 'b'].map((replicaId) => ({ replicaId, release: 1, propensityShare: 0.5 }));
  const control = { eligible, drawn: 'a', outcome: 'missing' as const };
  const ada = aCapture({ control, stickyKey: 'ada@example.com', replicaId: null, status: 0 });
  const [sample] = readSegment(encode([ada]));
  expect(sample).toMatchObject({ control, replicaId: null, status: 0, unit: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect(Buffer.from(encode([ada])).toString()).not.toContain('ada@');
  const unitOf = (stickyKey: string, owner = 'digits') =>
    readSegment(encode([aCapture({ stickyKey })], owner))[0]?.unit;
  expect(unitOf('ada@example.com')).toBe(sample?.unit);
  expect(unitOf('bob@example.com')).not.toBe(sample?.unit);
  expect(unitOf('ada@example.com', 'words')).not.toBe(sample?.unit);
});

test('a last record that a kill cut off is left out, wherever it was cut', () => {
  const whole = encode([aCapture(), aCapture()]);
  for (let cut = 1; cut < whole.byteLength / 2; cut += 1) {
    expect(readSegment(whole.subarray(0, whole.byteLength - cut))).toHaveLength(1);
  }
  expect(readSegment(new Uint8Array())).toEqual([]);
});

test('a record that is no captured request is refused, and named', () => {
  const refusal = (broken: (text: string) => string): string => {
    const bytes = Buffer.from(encode([aCapture(), aCapture()])).toString('latin1');
    const second = bytes.length / 2;
    try {
      readSegment(Buffer.from(bytes.slice(0, second) + broken(bytes.slice(second)), 'latin1'));
      return 'taken';
    } catch (thrown) {
      return String(thrown);
    }
  };
  expect(refusal((text) => text)).toBe('taken');
  expect(refusal((text) => text.replace('"status":200', '"status":-20'))).toContain('record 2, status');
  expect(refusal((text) => text.replace('{', '['))).toContain('record 2');
  expect(refusal((text) => text.replace('"method":"POST"', '"mothed":"POST"'))).toContain('record 2, method');
});
