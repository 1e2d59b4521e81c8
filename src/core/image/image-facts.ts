/** Written where the lock can see it: evidence stands left of hardware, and the lock pins what is inside an image. */
export type * from '../evidence/lock/image-facts.ts';
