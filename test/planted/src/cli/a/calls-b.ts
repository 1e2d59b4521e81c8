// must trip: cli-commands-never-each-other
import { two } from '../b/two.ts';
export const all = [two];
