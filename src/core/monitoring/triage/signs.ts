import type { Decider, Sign } from './answer.ts';
import { controlDecider, filesDecider, goldenDecider } from './finding.ts';

/** Each sign in words, and what decides where no proven cause explains it. */
export const signTable: Readonly<Record<Sign, { readonly words: string; readonly decides: Decider }>> = {
  'golden-fails': { words: 'golden replays fail', decides: goldenDecider([]) },
  'golden-failed-once': { words: 'a golden replay failed once', decides: goldenDecider([]) },
  'files-differ': { words: 'files of the model are not the pinned ones', decides: filesDecider },
  'replicas-differ': { words: 'replicas differ on the random share', decides: controlDecider },
  'releases-differ': {
    words: 'releases differ on the random share',
    decides: { observation: 'the judgement of the rollout', command: 'plimsoll status' },
  },
  'inputs-moved': { words: 'the inputs moved', decides: goldenDecider([]) },
  'outputs-moved': {
    words: 'the outputs moved',
    decides: { observation: 'captured requests, replayed over two replicas', command: null },
  },
  'quality-fell': { words: 'quality fell', decides: { observation: 'more labels', command: null } },
  'traffic-differs': { words: 'ordinary traffic differs between replicas', decides: controlDecider },
  'hardware-error': { words: 'a node reported a hardware error or left its peers', decides: goldenDecider([]) },
};

/** `the inputs moved, quality fell`. */
export const describeSigns = (signs: readonly Sign[]): string => signs.map((sign) => signTable[sign].words).join(', ');
