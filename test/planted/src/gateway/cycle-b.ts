import { cycleA } from './cycle-a.ts';
export const cycleB: number = cycleA;
