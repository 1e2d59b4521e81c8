import type { KeyDoc } from './key-doc.ts';

export const watchKeys: readonly KeyDoc[] = [
  {
    key: 'scaling',
    meaning:
      'How many replicas run, and what moves that number. With `min` below `max`, or with scaling to zero, asks for capacity evidence (`plimsoll capacity`) and scaling evidence.',
    form: 'a section',
    default: 'not written: one replica, and nothing moves that',
    example: '{ signal: queue-depth, replicas: { min: 1, max: 8 } }',
  },
  {
    key: 'scaling.signal',
    meaning:
      'What scaling reacts to, summed over the gateways and replicas: requests that arrive and wait. Nothing reacts to another signal yet: `plimsoll check` refuses it. CPU is not offered: a service that waits for its accelerator shows little of it.',
    form: '`queue-depth`, `batch-fill` or `accelerator-memory`',
    default: 'queue-depth',
    example: 'queue-depth',
  },
  {
    key: 'scaling.replicas',
    meaning: 'Limits of the number of replicas of the live release, per environment.',
    form: 'a section with `min` and `max`',
    default: '{ min: 1, max: 1 }',
    example: '{ min: 1, max: 8 }',
  },
  {
    key: 'scaling.replicas.min',
    meaning: 'Fewest replicas that run. Zero needs `toZero: when-proven`.',
    form: 'a whole number from 0 to 10000',
    default: '1',
    example: '1',
  },
  {
    key: 'scaling.replicas.max',
    meaning: 'Most replicas that run, the warm pool left out.',
    form: 'a whole number from 1 to 10000',
    default: 'the same as `min`, and at least 1',
    example: '8',
  },
  {
    key: 'scaling.toZero',
    meaning:
      'Whether the last replica may stop when nothing arrives. `when-proven`: only while fresh evidence shows that the objective survives the cold start.',
    form: '`never` or `when-proven`',
    default: 'never',
    example: 'when-proven',
  },
  {
    key: 'scaling.warmPool',
    meaning:
      'Replicas of this service kept loaded beyond demand, at the whole price. `plimsoll scale warm-pool --with-spare 5s` says how many services of a fleet would need together.',
    form: 'a whole number from 0 to 1000',
    default: '0',
    example: '1',
  },
  {
    key: 'scaling.actuator',
    meaning:
      'The one writer of replica counts: Plimsoll itself, KEDA by the external scaler, or none of the two. On Kubernetes the number of the live release is left to the other one; a contract without such an environment is refused by `plimsoll check`.',
    form: '`plimsoll`, `keda` or `none`',
    default: 'plimsoll',
    example: 'plimsoll',
  },
  {
    key: 'scaling.zone',
    meaning:
      'Time zone whose clock the days, the weeks and the schedule of this service follow, daylight saving included.',
    form: 'a name of the IANA time zone database such as `Europe/Berlin`, or `UTC`',
    default: 'UTC',
    example: 'Europe/Berlin',
  },
  {
    key: 'scaling.schedule',
    meaning:
      'Demand that only people know of, such as a launch on Friday at nine. The scaler orders replicas for it one start ahead. Demand that recurs each day or week needs no entry once it was seen for a week.',
    form: 'a list of at most 100 entries, each with `from` and `until` or with `weekly`, and with `rate`, `replicas` or both',
    default: 'no entry',
    example:
      "[{ from: '2026-12-04T09:00', until: '2026-12-04T11:00', rate: 200/s }, { weekly: 'Fri 09:00-11:00', replicas: 6 }]",
  },
  {
    key: 'scaling.schedule[]',
    meaning: 'One time and what is expected then.',
    form: 'a section with `from` and `until` or with `weekly`, and with `rate`, `replicas` or both',
    default: 'no entry',
    example: "{ weekly: 'Fri 09:00-11:00', zone: Europe/Berlin, replicas: 6 }",
  },
  {
    key: 'scaling.schedule[].from',
    meaning:
      'When the demand begins, by the clock of the zone. A time that the clock skips is read as the moment after it.',
    form: 'a date and time such as `2026-12-04T09:00`',
    default: 'not written: `weekly` says it',
    example: '2026-12-04T09:00',
  },
  {
    key: 'scaling.schedule[].until',
    meaning: 'When the demand has ended, by the clock of the zone. Only with `from`.',
    form: 'a date and time such as `2026-12-04T11:00`, after `from`',
    default: 'not written: `weekly` says it',
    example: '2026-12-04T11:00',
  },
  {
    key: 'scaling.schedule[].weekly',
    meaning: 'When the demand comes again each week. An end before the beginning is on the next day.',
    form: 'weekdays and times such as `Fri 09:00-11:00`, `Mon-Fri 08:30-10:00` or `Sat,Sun 22:00-02:00`',
    default: 'not written: `from` and `until` say it',
    example: 'Fri 09:00-11:00',
  },
  {
    key: 'scaling.schedule[].zone',
    meaning: 'Time zone of this entry.',
    form: 'a name of the IANA time zone database such as `Europe/Berlin`, or `UTC`',
    default: '`scaling.zone`',
    example: 'Europe/Berlin',
  },
  {
    key: 'scaling.schedule[].rate',
    meaning:
      'Requests that are expected while the entry holds. The scaler sizes for the larger of this rate and its own forecast.',
    form: 'a rate such as `200/s`, `90/m` or `1000/h`',
    default: 'not written: `replicas` says it',
    example: '200/s',
  },
  {
    key: 'scaling.schedule[].replicas',
    meaning: 'Replicas that are kept ready while the entry holds, at the least.',
    form: 'a whole number from 1 to `scaling.replicas.max`',
    default: 'not written: `rate` says it',
    example: '6',
  },
  {
    key: 'scaling.sleep',
    meaning:
      'Replicas that may sleep in place of being stopped: the process stays, the weights leave the accelerator, and a wake is faster than a start. Only with `actuator: plimsoll` and min below max.',
    form: 'a section with `replicas`, `wake` and `price`',
    default: 'not written: nothing sleeps',
    example: '{ replicas: 2, wake: 3s, price: 20% }',
  },
  {
    key: 'scaling.sleep.replicas',
    meaning:
      'Most replicas that sleep at the same time. With `protocol: open-inference-v2` they sleep by `unload` of the repository protocol, with `protocol: openai` by the endpoints of the sleep mode of vLLM.',
    form: 'a whole number from 1 to 1000',
    default: 'none: with `sleep` it has to be written',
    example: '2',
  },
  {
    key: 'scaling.sleep.wake',
    meaning: 'What a wake is taken to last, the golden replay included, until the control plane has measured wakes.',
    form: 'a duration such as `800ms`, `30s` or `10m`',
    default: 'none: with `sleep` it has to be written',
    example: '3s',
  },
  {
    key: 'scaling.sleep.price',
    meaning:
      'What the scaler takes a second of sleep to cost, as a share of an accelerator-second. The ledger charges the share of the device that the replica holds.',
    form: 'a percentage such as `20%`',
    default: '100%: a sleeping replica keeps its accelerator for itself',
    example: '20%',
  },
  {
    key: 'rollout',
    meaning: 'How traffic moves to a new release, and how long the way back stays warm.',
    form: 'a section',
    default: 'not written: all traffic at once, the previous release kept warm for 1h',
    example: '{ steps: [5%, 25%, 100%], shadow: 10%, judge: { within: 30m }, keepPrevious: 1h }',
  },
  {
    key: 'rollout.steps',
    meaning:
      'Shares of the traffic that go to the new release, step by step; each step below 100% is judged against the live release, and a proven regression goes back by itself. Asks for rollback evidence.',
    form: 'a list of increasing percentages that ends with `100%`',
    default: '[100%], and no rollback evidence is asked for',
    example: '[5%, 25%, 100%]',
  },
  {
    key: 'rollout.stickyBy',
    meaning: 'Requests with the same value of this header stay on one side of a step. Only with `steps`.',
    form: '`header:` and the name of a header, such as `header:x-user`',
    default: 'each request is drawn on its own',
    example: 'header:x-user',
  },
  {
    key: 'rollout.shadow',
    meaning:
      'Share of the requests that are copied to the new release before the first step. Its answers are compared with those that clients get, and are never returned. Only with `steps`.',
    form: 'a percentage such as `10%`',
    default: 'no shadow: the first step begins when the replicas are admitted',
    example: '10%',
  },
  {
    key: 'rollout.judge',
    meaning:
      'What a step is held to. The judge may look at every moment: its error is bounded over all moments, metrics and steps of a rollout together.',
    form: 'a section',
    default: 'not written: each of its keys at its default',
    example: '{ errors: 0.5%, latency: { p99: 10% }, within: 1h, onInconclusive: hold }',
  },
  {
    key: 'rollout.judge.falseRollbacks',
    meaning:
      'Upper limit of the probability that a release which is no worse is rolled back by the judge, over the whole rollout.',
    form: 'a percentage up to `50%`',
    default: '5%',
    example: '5%',
  },
  {
    key: 'rollout.judge.errors',
    meaning: 'How far the share of errors of the new release may be above that of the live one.',
    form: 'a percentage below `100%`',
    default: '0.5%',
    example: '0.5%',
  },
  {
    key: 'rollout.judge.latency',
    meaning: 'How much longer one quantile of the latency may be than that of the live release.',
    form: 'one quantile with a percentage, such as `{ p99: 10% }`',
    default: '{ p99: 10% }',
    example: '{ p99: 10% }',
  },
  {
    key: 'rollout.judge.latency.<quantile>',
    meaning: 'How much longer this quantile may be: `p99: 10%` lets 50 ms become 55 ms.',
    form: 'a percentage from `5%`',
    default: 'one quantile must be written',
    example: '10%',
  },
  {
    key: 'rollout.judge.agreement',
    meaning: 'Least share of the answers of the shadow that agree with those that clients got. Only with `shadow`.',
    form: 'a percentage below `100%`',
    default: '99%',
    example: '99%',
  },
  {
    key: 'rollout.judge.labels',
    meaning:
      'How far the share of right answers may be below that of the live release, by labels that arrive while a step lasts. Where none arrives it holds nothing up.',
    form: 'a percentage below `100%`',
    default: 'not written: labels are not judged',
    example: '1%',
  },
  {
    key: 'rollout.judge.atLeast',
    meaning: 'How long each step lasts at least, whatever is proven earlier; a regression still goes back at once.',
    form: 'a duration such as `2m`',
    default: '2m',
    example: '2m',
  },
  {
    key: 'rollout.judge.within',
    meaning: 'How long a step waits for a proof; time that it stands paused does not count. Then it is inconclusive.',
    form: 'a duration such as `1h`',
    default: '1h',
    example: '1h',
  },
  {
    key: 'rollout.judge.onInconclusive',
    meaning:
      'What becomes of a step that is inconclusive: `hold` stays in it until somebody decides, `roll-back` returns the traffic, `promote` goes on without proof.',
    form: '`hold`, `roll-back` or `promote`',
    default: 'hold',
    example: 'hold',
  },
  {
    key: 'rollout.keepPrevious',
    meaning:
      'How long the replicas of the previous release stay loaded after all traffic left them, so that a rollback is a routing change.',
    form: 'a duration such as `1h`; `0s` keeps none',
    default: '1h',
    example: '1h',
  },
  {
    key: 'rollout.stuckAfter',
    meaning:
      'How long a replica that was ready may stand still before it is stuck: no byte of an answer, no counter of its engine and no answer to a probe. It then leaves traffic, is ended and replaced. Where one long answer may be under way, the limit is three times the longest answer that is allowed or was seen, if that is longer.',
    form: 'a duration from `1s` to `1h`',
    default: '60s',
    example: '60s',
  },
  {
    key: 'cost',
    meaning:
      'What the service may cost. Asks for cost evidence, which the control plane judges while a release is live, from the ledger of accelerator-seconds.',
    form: 'a section with `prices`, `budget`, `utilization`',
    default: 'not written: no cost evidence is asked for',
    example: '{ prices: prices.yaml, budget: 120 USD/day }',
  },
  {
    key: 'cost.prices',
    meaning:
      'Price book beside the contract: the price of an accelerator, and of a core, per device class and time. A record of the environment that states prices has to say the same.',
    form: 'a path below the folder of the contract',
    default: 'the prices of the record of the environment',
    example: 'prices.yaml',
  },
  {
    key: 'cost.budget',
    meaning:
      'Upper limit of what the device time of the service costs in any span of this length, idle time included. A month is 30 days, and a budget of less than a day is judged as that of a day at the same rate. Per environment.',
    form: 'an amount per time such as `120 USD/day`',
    default: 'no limit',
    example: '120 USD/day',
  },
  {
    key: 'cost.utilization',
    meaning:
      'Lower limit of the filled share of the device time that the service holds, over 24 hours. Filled is what the work takes at the measured capacity, so that it is unknown without capacity evidence.',
    form: 'a limit in quotes such as `">=40%"`',
    default: 'no limit',
    example: '">=40%"',
  },
];
