import { must, type KindRow } from '../kind-row.ts';
import { isDigestValue, judgeGolden } from './golden-evidence.ts';

export const goldenRow: KindRow = {
  proves: 'the model gives the answers that were pinned',
  askedBy: { key: 'monitoring.golden', isAsked: ({ monitoring }) => monitoring?.golden !== undefined },
  subjects: [
    must('golden-set', 'claimed'),
    must('code', 'bundle'),
    must('model', 'bundle'),
    must('runtime', 'nodes'),
    must('device-classes', 'nodes'),
  ],
  earlierSubjects: ({ code }) => (isDigestValue(code) ? { code } : {}),
  judge: judgeGolden,
  renewal: 'plimsoll golden record',
  invalidatedBy: ['golden.left-everywhere'],
};
