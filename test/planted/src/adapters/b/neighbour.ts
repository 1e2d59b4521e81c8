// must trip: adapters-never-each-other adapters-import-layers
import { one } from '../a/one.ts';
import { cycleA } from '../../gateway/cycle-a.ts';
export const all = [one, cycleA];
