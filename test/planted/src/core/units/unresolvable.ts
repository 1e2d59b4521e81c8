// must trip: unresolvable
export { nothing } from './not-there.ts';
