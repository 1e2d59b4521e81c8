import type { KeyDoc } from './key-doc.ts';

export const replayKeys: readonly KeyDoc[] = [
  {
    key: 'monitoring.replay',
    meaning:
      'How often each replica replays the golden set after it was admitted. A service of the OpenAI protocol is asked fixed prompts instead.',
    form: 'a section with `every` and `atMost`',
    default: 'every hour, for 1% of the time of a replica, where `monitoring.golden` is written',
    example: '{ every: 1h, atMost: 1% }',
  },
  {
    key: 'monitoring.replay.every',
    meaning: 'How long after a replay of a replica its next one begins. Replicas have times of their own within it.',
    form: 'a duration above zero such as `1h`',
    default: '1h',
    example: '15m',
  },
  {
    key: 'monitoring.replay.atMost',
    meaning:
      'Share of the time of a replica that replays may take. A replay that takes longer is made less often. `0%` turns replays off.',
    form: 'a percentage such as `1%`',
    default: '1%',
    example: '1%',
  },
];
