// must trip: judged-states-are-never-read releases-are-judged-in-one-place
import { judgeRelease } from '../../../../src/core/rollout/judge-release.ts';
import { evidenceStateSchema } from '../../../../src/schemas/http/http-evidence.ts';
export const believe = (sent: unknown) => [evidenceStateSchema.parse(sent), judgeRelease];
