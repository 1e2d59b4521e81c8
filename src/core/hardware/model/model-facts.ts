/** Written where the lock can see it: evidence stands left of hardware, and the lock pins what a model asks for. */
export type * from '../../evidence/lock/model-facts.ts';
