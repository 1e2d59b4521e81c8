import { always, isNumber, isObject, isText, isTexts, orNull, recordOf, sometimes } from '../facts.ts';

const steered = {
  release: always(isNumber),
  step: always(isNumber),
  reason: always(isText),
  judgement: always(orNull(isObject)),
};

/** The steps of a rollout, and where requests go. */
export const rolloutKinds = {
  'rollout.aborted': {
    release: always(isNumber),
    step: always(orNull(isNumber)),
    judgement: always(orNull(isObject)),
    /** The release that takes its place, where one does. */
    by: sometimes(isNumber),
    live: sometimes(orNull(isNumber)),
    reason: sometimes(isText),
    aborted: sometimes(recordOf({ by: always(isText), reason: always(isText) })),
  },
  'rollout.judged': {
    release: always(isNumber),
    against: always(isNumber),
    step: always(isNumber),
    before: always(isText),
    judgement: always(isObject),
  },
  'rollout.paused': steered,
  'rollout.promoted': { ...steered, next: always(orNull(isNumber)) },
  'rollout.resumed': steered,
  'rollout.step-began': {
    release: always(isNumber),
    against: always(isNumber),
    step: always(isNumber),
    /** Of the traffic; 0 in the shadow. */
    share: always(isNumber),
    reason: always(isText),
    /** What the judge holds the step to. */
    policy: always(recordOf({ steps: always(isNumber), metrics: always(isTexts) })),
  },
  'routing.acknowledged': { generation: always(isNumber), gateways: always(isTexts) },
  'routing.changed': { generation: always(isNumber), reason: always(isText), routing: always(isObject) },
} as const;
