import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interTokenMs } from '../../core/capacity/streams/streamed-answer.ts';
import { readTokenStream, type TimedPart } from './token-stream.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const token = (content: string): string => event({ choices: [{ index: 0, delta: { content } }] });
const role = event({ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] });
const usage = event({
  choices: [],
  usage: { prompt_tokens: 40, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 16 } },
});
const part = (atMs: number, text: string): TimedPart => ({ atMs, bytes: bytesOf(text) });

describe('a stream of tokens', () => {
  it('is timed from its first to its last token, with what the server counts', () => {
    const stream = [
      part(20, role),
      part(50, token('a')),
      part(80, token('b')),
      part(90, token('c')),
      part(95, event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })),
      part(96, usage),
      part(99, 'data: [DONE]\n\n'),
    ];
    const answer = readTokenStream(stream);
    expect(answer).toEqual({
      ttftMs: 50,
      lastTokenMs: 90,
      longestGapMs: 30,
      tokensIn: 40,
      tokensOut: 3,
      cachedTokens: 16,
    });
    expect(answer && interTokenMs(answer)).toBe(20);
  });

  it('counts pieces where the server does not count tokens, and has no time between tokens of one', () => {
    const answer = readTokenStream([part(10, token('a')), part(30, token('b'))]);
    expect(answer).toMatchObject({ tokensIn: null, tokensOut: 2, cachedTokens: null });
    const single = readTokenStream([part(10, token('a'))]);
    expect(single && interTokenMs(single)).toBe(0);
  });

  it('takes reasoning, tool calls and plain completions for tokens', () => {
    const said = [
      { choices: [{ delta: { reasoning_content: 'hm' } }] },
      { choices: [{ delta: { tool_calls: [{ index: 0 }] } }] },
      { choices: [{ text: 'so' }] },
    ];
    expect(readTokenStream(said.map((each, at) => part(10 * at + 10, event(each))))).toMatchObject({
      ttftMs: 10,
      lastTokenMs: 30,
      tokensOut: 3,
    });
  });

  it('has no answer where no event has a token', () => {
    expect(readTokenStream([])).toBeNull();
    expect(
      readTokenStream([part(1, role), part(2, 'data: {"error": "no"}\n\n'), part(3, 'data: {broken\n\n')]),
    ).toBeNull();
  });

  it('says the same however the bytes are cut, when they come at one time', () => {
    const whole = bytesOf(`${role}${token('é')}${token('ü')}${usage}`);
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length)), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const parts = places.slice(1).map((to, at) => ({ atMs: 7, bytes: whole.subarray(places[at], to) }));
        expect(readTokenStream(parts)).toEqual(readTokenStream([{ atMs: 7, bytes: whole }]));
      }),
    );
  });
});
