import { expect, it } from 'vitest';
import { groupUnread } from './unread.ts';

it('tells each reason once, with all that it leaves open', () => {
  const noService = 'no service is looked at';
  const notRead = [
    {
      cause: 'cpu-thread',
      missing: [{ reading: 'busiestThreadShare', reason: noService }],
    },
    {
      cause: 'network',
      missing: [
        { reading: 'transferTimeShare', reason: noService },
        { reading: 'retransmittedShare', reason: 'only 3 TCP segments were sent' },
      ],
    },
    { cause: 'queue', missing: [{ reading: 'transferTimeShare', reason: noService }] },
  ] as const;
  expect(groupUnread({ notRead })).toEqual([
    {
      reason: noService,
      readings: ['busiest thread outside the engine, of one core', 'request time between gateway and replica'],
      causes: ['cpu-thread', 'network', 'queue'],
    },
    { reason: 'only 3 TCP segments were sent', readings: ['TCP segments sent again'], causes: ['network'] },
  ]);
  expect(groupUnread({ notRead: [] })).toEqual([]);
});
