// must trip: no-cycles
import { cycleB } from './cycle-b.ts';
export const cycleA: number = cycleB;
