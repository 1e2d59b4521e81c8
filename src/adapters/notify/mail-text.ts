import { describeAlert, type AlertMessage } from '../../core/monitoring/notify/alert.ts';

const linesAtMost = 100;
const subjectAtMost = 120;

/**
 * A message as a mail: headers and a body in base64, so that nothing of an alert can end a header or a line, and no line is
 * too long. The message id is the same when it is sent again.
 */
export function mailText(message: AlertMessage, from: string, to: readonly string[], nowMs: number): string {
  const { alerts, isTest, id, service, environment } = message;
  const lines = alerts.slice(0, linesAtMost).map(describeAlert);
  const more = alerts.length > linesAtMost ? [`and ${alerts.length - linesAtMost} more`] : [];
  const [first] = alerts;
  const about = alerts.length === 1 && first !== undefined ? first.summary : `${alerts.length} alerts`;
  const subject = `${isTest ? 'Test: ' : ''}[Plimsoll] ${service} in ${environment}: ${about}`;
  const short = [...subject].slice(0, subjectAtMost).join('');
  return [
    `From: <${from}>`,
    `To: ${to.map((each) => `<${each}>`).join(',\r\n ')}`,
    `Subject: ${encodeWords(short)}`,
    `Date: ${new Date(nowMs).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${id.replace(/[^\w.-]/g, '.')}@${from.split('@')[1] ?? 'plimsoll'}>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...inLines(Buffer.from([...lines, ...more, ''].join('\r\n')).toString('base64')),
    '',
  ].join('\r\n');
}

const inLines = (base64: string): readonly string[] => base64.match(/.{1,76}/g) ?? [''];

/** RFC 2047, 75 characters a word at most. Always encoded: what an alert says cannot end the header. */
function encodeWords(text: string): string {
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > 42) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  words.push(word);
  return words.map((each) => `=?utf-8?B?${Buffer.from(each).toString('base64')}?=`).join('\r\n ');
}
