import type { FuzzTarget } from '../target.ts';

const secret = 's3cr3t';
const delta = (value: string): string => `data: {"choices":[{"delta":{"content":${value}}}]}\n\n`;

/** Bodies whose secret stands behind `$.choices[*].delta.content`, or where nothing of it is kept. */
export const redactionTarget: FuzzTarget = {
  parser: 'redaction',
  bytesAtMost: 4 * 1024,
  dictionary: [
    ...[
      'data: ',
      'data:',
      'event: ',
      'id: ',
      'retry: ',
      ': ',
      '\n',
      '\r',
      '\r\n',
      '\u2028',
      '\u2029',
      '\ufeff',
      '[DONE]',
      '\\u0073',
    ],
    ...[
      '{"choices":[{"delta":{"content":',
      '}}]}',
      '"',
      '[',
      ']',
      '{',
      '}',
      ',',
      'null',
      '1e5',
      '"content"',
      '"__proto__":',
    ],
  ],
  seeds: () =>
    Promise.resolve(
      [delta('"x"'), `event: x\r${delta('["x"]')}data: [DONE]\n\n`, `: hi\r\ndata: {"choices":\r\ndata: []}\r\n`].map(
        (text) => new TextEncoder().encode(text),
      ),
    ),
  async run(bytes) {
    const { readRedaction, redactText } = await import('../../../src/core/monitoring/samples/redact.ts');
    const redaction = readRedaction(['$.choices[*].delta.content']);
    const text = Buffer.from(bytes).toString('utf8').replaceAll(secret, '');
    const kept = redactText(text, redaction);
    if (kept !== null && redactText(kept, redaction) !== kept)
      throw new RangeError('redaction of what was redacted changes it');
    // Planted where no path has to lead: fields of a stream that are not its data, and behind every end of a line.
    for (const end of ['\n', '\r', '\r\n']) {
      const planted = text.replaceAll(/\r\n|\n|\r/g, `${end}event: ${secret}${end}: ${secret}${end}`);
      if (redactText(planted, redaction)?.includes(secret) === true) throw new RangeError('a secret was kept');
    }
    const split = redactText(`${text}\n\n${delta(`"${secret}"`)}`, redaction);
    if (split?.includes(secret) === true) throw new RangeError('a secret at a redacted path was kept');
    return kept;
  },
};
