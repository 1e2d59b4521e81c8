// must trip: core-rollout-looks-left
export { answer } from '../readiness/answer.ts';
