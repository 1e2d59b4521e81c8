import { describe, expect, it } from 'vitest';
import { WaitingLine, type InLine } from './waiting-line.ts';

interface Named extends InLine {
  readonly name: string;
}

function makeLine(...names: readonly string[]): { line: WaitingLine<Named>; requests: readonly Named[] } {
  const line = new WaitingLine<Named>();
  const requests = names.map((name) => ({ name, waits: false }));
  for (const request of requests) line.join(request);
  return { line, requests };
}

function namesOf(line: WaitingLine<Named>): readonly string[] {
  const names: string[] = [];
  line.each(({ name }) => names.push(name) > 0);
  return names;
}

describe('the line of those who wait', () => {
  it('keeps the order of the others when one leaves, wherever it stood', () => {
    for (const gone of ['a', 'b', 'c']) {
      const { line, requests } = makeLine('a', 'b', 'c');
      line.leave(requests.find(({ name }) => name === gone) as Named);
      expect(namesOf(line)).toEqual(['a', 'b', 'c'].filter((name) => name !== gone));
    }
  });

  it('lets nobody else leave for one that does not wait', () => {
    const { line, requests } = makeLine('a', 'b');
    line.leave(requests[1] as Named);
    line.leave(requests[1] as Named);
    line.leave({ name: 'stranger', waits: false });
    expect(namesOf(line)).toEqual(['a']);
  });

  it('visits each once though some leave, or leave and join again', () => {
    const { line } = makeLine('a', 'b', 'c', 'd');
    const visited: string[] = [];
    line.each((request) => {
      visited.push(request.name);
      if (request.name !== 'c') line.leave(request);
      if (request.name === 'b' && visited.length < 4) line.join(request);
      return true;
    });
    expect(visited).toEqual(['a', 'b', 'c', 'd', 'b']);
    expect(namesOf(line)).toEqual(['c']);
  });

  it('stops where a visit says so', () => {
    const { line } = makeLine('a', 'b', 'c');
    const visited: string[] = [];
    line.each(({ name }) => {
      visited.push(name);
      return name !== 'b';
    });
    expect(visited).toEqual(['a', 'b']);
    expect(line.size).toBe(3);
  });
});
