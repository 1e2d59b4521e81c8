import { expect, it } from 'vitest';
import { keepSamples } from './keep-samples.ts';

const keepChat = (labels: ReadonlyMap<string, string>): boolean => labels.get('service') === 'chat';

it('keeps comments and the samples whose labels are taken', () => {
  const text = [
    '# HELP plimsoll_replicas Replicas.',
    '# TYPE plimsoll_replicas gauge',
    'plimsoll_replicas{service="chat",environment="prod"} 2',
    'plimsoll_replicas{service="vision",environment="prod"} 3',
    'plimsoll_streams 4',
    '',
  ].join('\n');
  expect(keepSamples(text, keepChat)).toBe(
    [
      '# HELP plimsoll_replicas Replicas.',
      '# TYPE plimsoll_replicas gauge',
      'plimsoll_replicas{service="chat",environment="prod"} 2',
      '',
    ].join('\n'),
  );
});

it.each([
  ['a value with quotes that looks like another label', 'm{service="a\\",service=\\"chat"} 1'],
  ['a label whose name ends like it', 'm{my_service="chat"} 1'],
  ['a line that is no sample', 'm{service="chat"'],
  ['two samples in a line', 'm{service="chat"} 1\rm{service="vision"} 2'],
])('leaves out %s', (_what, line) => {
  expect(keepSamples(line, keepChat)).toBe('');
});

it('reads escaped values as they were', () => {
  const kept: string[] = [];
  keepSamples('m{service="a\\\\b\\"c\\nd"} +Inf', (labels) => kept.push(labels.get('service') ?? '') > 0);
  expect(kept).toEqual(['a\\b"c\nd']);
});
