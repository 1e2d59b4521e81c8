export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** An event longer than this is not a routing table of ours. */
const maxEventCharacters = 16 * 1024 * 1024;

/**
 * Cuts a text stream into server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html, 9.2.6).
 * Comments and unknown fields are passed over. Text may arrive cut anywhere.
 */
export class EventStreamParser {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #characters = 0;

  push(text: string): readonly ServerSentEvent[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > maxEventCharacters) throw new RangeError('a line of the event stream is too long');
    const events: ServerSentEvent[] = [];
    for (const line of lines) this.#line(line, events);
    return events;
  }

  #line(line: string, events: ServerSentEvent[]): void {
    if (line === '') {
      if (this.#data.length > 0) events.push({ event: this.#event || 'message', data: this.#data.join('\n') });
      this.#event = '';
      this.#data = [];
      this.#characters = 0;
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#event = value;
    if (field !== 'data') return;
    this.#characters += value.length;
    if (this.#characters > maxEventCharacters) throw new RangeError('an event of the stream is too long');
    this.#data.push(value);
  }
}
