// must trip: schemas-has-no-io schemas-imports-packages schemas-imports-layers
import { readFileSync } from 'node:fs';
import { request } from 'undici';
import { cycleA } from '../gateway/cycle-a.ts';
export const all = [readFileSync, request, cycleA];
