/** Server-sent events as pure text: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** What is left of a stream after its whole events were taken out. */
export interface EventStreamRest {
  readonly text: string;
}

/** A view of a service is some tens of kilobytes; an event of more than this is not ours. */
const maxEventChars = 8_000_000;

export function takeEvents(rest: EventStreamRest, chunk: string): { events: ServerEvent[]; rest: EventStreamRest } {
  const text = (rest.text + chunk).replaceAll('\r\n', '\n');
  const blocks = text.split('\n\n');
  const left = blocks.pop() ?? '';
  if (left.length > maxEventChars)
    throw new RangeError(`the stream sent an event of more than ${maxEventChars} characters`);
  return { events: blocks.flatMap(parseBlock), rest: { text: left } };
}

function parseBlock(block: string): ServerEvent[] {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }
  return data.length === 0 ? [] : [{ event, data: data.join('\n') }];
}
