/**
 * Returns the data of each event of an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream):
 *
 * | in the stream | is |
 * |---|---|
 * | a byte order mark at its begin | left out |
 * | CR, LF or CRLF, and no other character | the end of a line |
 * | several `data` fields of one event | one text, with LF between them |
 * | `event`, `id`, `retry`, any other field, a comment | left out |
 * | an event that the stream ends in | its data so far, where the standard would drop it |
 */
export function readEventData(stream: string): readonly string[] {
  const events: string[] = [];
  let data: string[] = [];
  const dispatch = (): void => {
    const text = data.join('\n');
    if (text !== '') events.push(text);
    data = [];
  };
  for (const line of stream.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    if (line === '') dispatch();
    else if (line === 'data') data.push('');
    else if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
  }
  dispatch();
  return events;
}
