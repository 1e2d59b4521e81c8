import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CapturedBody } from '../../gateway/capture/captured-body.ts';
import { makeSampleLine } from '../../gateway/capture/sample-line.ts';
import { aCapture } from '../../testing/builders/captures.ts';
import { readSegment } from './read-segment.ts';

const bytesOf = (text: string): Uint8Array => Buffer.from(text);

test('a line says what was captured, whatever bytes the bodies hold', () => {
  const anyBytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(anyBytes, anyBytes, fc.string(), (first, second, path) => {
      const body = new CapturedBody(500);
      for (const chunk of [first, second]) body.keep(chunk);
      const request = { headers: { 'content-type': path, 'inference-header-content-length': '12' }, body };
      const line = makeSampleLine(aCapture({ request, path }), 'digits');
      const [sample] = readSegment(bytesOf(line));
      expect(sample?.request).toEqual({
        contentType: path,
        jsonBytes: 12,
        contentEncoding: null,
        cut: first.byteLength + second.byteLength > 500,
        body: Buffer.concat([first, second]).subarray(0, 500),
      });
      expect(sample).toMatchObject({ requestId: 'id-1', path, latencyMs: 12.5, control: null, unit: null });
    }),
  );
});

test('the draw is told with its set; the key of a unit is not', () => {
  const eligible = ['a', 'b'].map((replicaId) => ({ replicaId, release: 1, propensityShare: 0.5 }));
  const control = { eligible, drawn: 'a', outcome: 'missing' as const };
  const over = { control, stickyKey: 'ada@example.com', replicaId: null, status: 0 };
  const line = makeSampleLine(aCapture(over), 'digits');
  const [sample] = readSegment(bytesOf(line));
  expect(sample).toMatchObject({ control, replicaId: null, status: 0, unit: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect(line).not.toContain('ada@');
  const unitOf = (key: string, owner: string) =>
    readSegment(bytesOf(makeSampleLine(aCapture({ stickyKey: key }), owner)))[0]?.unit;
  expect(unitOf('ada@example.com', 'digits')).toBe(sample?.unit);
  expect(unitOf('bob@example.com', 'digits')).not.toBe(sample?.unit);
  expect(unitOf('ada@example.com', 'words')).not.toBe(sample?.unit);
});

test('a last line that a kill cut off is left out', () => {
  const line = makeSampleLine(aCapture(), 'digits');
  expect(readSegment(bytesOf(`${line}${line}${line.slice(0, 40)}`))).toHaveLength(2);
  expect(readSegment(bytesOf(line.slice(0, -1)))).toEqual([]);
  expect(readSegment(new Uint8Array())).toEqual([]);
});

test('a line that is no captured request is refused, and named', () => {
  const line = makeSampleLine(aCapture(), 'digits');
  const refusal = (text: string): string => {
    try {
      readSegment(bytesOf(text));
      return 'taken';
    } catch (thrown) {
      return String(thrown);
    }
  };
  expect(refusal(`${line}nonsense\n`)).toContain('line 2');
  expect(refusal(`${line.replace('"status":200', '"status":-1')}`)).toContain('line 1, status');
  expect(refusal(`${line.replace('"body":"', '"body":"*')}`)).toContain('line 1, request.body');
  expect(refusal('[]\n')).toContain('line 1');
});
