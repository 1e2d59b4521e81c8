import { may, type KindRow } from '../kind-row.ts';

export const monitoringRow: KindRow = {
  proves: 'detectors watch the live answers',
  askedBy: { key: 'monitoring.falseAlarms', isAsked: ({ monitoring }) => monitoring?.falseAlarms !== undefined },
  subjects: [may('reference', 'claimed'), may('golden-set', 'claimed'), may('capture', 'bundle')],
  judge: null,
  judgedLive: true,
  renewal: 'plimsoll up',
  invalidatedBy: [],
};
