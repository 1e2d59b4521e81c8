// must trip: formats-has-no-io formats-imports-packages formats-imports-layers
import { readFileSync } from 'node:fs';
import { request } from 'undici';
import { cycleA } from '../gateway/cycle-a.ts';
export const all = [readFileSync, request, cycleA];
