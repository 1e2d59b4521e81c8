// must trip: ports-has-no-io ports-imports-packages ports-imports-layers
import { readFileSync } from 'node:fs';
import { request } from 'undici';
import { cycleA } from '../gateway/cycle-a.ts';
export const all = [readFileSync, request, cycleA];
