import { describe, expect, it } from 'vitest';
import { mergeBlocks, withConditions } from './conditional-lines.ts';

const of = (text: string): readonly string[] => text.split(' ');

describe('lines with conditions', () => {
  it('have those around what a switch adds, and the contrary around what it takes away', () => {
    expect(withConditions(of('a b c d'), [{ condition: '.B', off: of('a c x d') }])).toEqual([
      'a',
      '{{- if .B }}',
      'b',
      '{{- end }}',
      'c',
      '{{- if not .B }}',
      'x',
      '{{- end }}',
      'd',
    ]);
  });

  it('of two switches have both, and lines at the end are kept', () => {
    const lines = withConditions(of('a b'), [
      { condition: '.B', off: of('a') },
      { condition: '.C', off: of('a') },
      { condition: '.D', off: of('a b e') },
    ]);
    expect(lines).toEqual(['a', '{{- if and .B .C }}', 'b', '{{- end }}', '{{- if not .D }}', 'e', '{{- end }}']);
  });

  it('one after another of one condition are one block', () => {
    const lines = withConditions(of('a b c d'), [{ condition: '.B', off: of('a d') }]);
    expect(mergeBlocks(lines)).toEqual(['a', '{{- if .B }}', 'b', 'c', '{{- end }}', 'd']);
    const apart = ['{{- if .A }}', 'a', '{{- end }}', 'b', '{{- if .A }}', 'c', '{{- end }}'];
    expect(mergeBlocks(apart)).toEqual(apart);
    const other = ['{{- if .A }}', 'a', '{{- end }}', '{{- if .B }}', 'c', '{{- end }}'];
    expect(mergeBlocks(other)).toEqual(other);
  });
});
