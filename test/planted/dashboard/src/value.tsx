// must trip: dashboard-imports-layers dashboard-imports-types
import { fake } from '../../src/testing/fake.ts';
import { answer } from '../../src/core/readiness/answer.ts';
export const all = [fake, answer];
