import { adapterSteps } from './adapter-steps.ts';
import { cliSteps } from './cli-steps.ts';
import { controlPlaneSteps } from './control-plane-steps.ts';
import { coreSteps } from './core-steps.ts';
import { programSteps } from './program-steps.ts';
import { proveSteps } from './prove-steps.ts';

/** Every next step with a command. Its parts are by the area that says it, so that a program loads what it says. */
export const nextSteps = {
  ...coreSteps,
  ...proveSteps,
  ...controlPlaneSteps,
  ...adapterSteps,
  ...cliSteps,
  ...programSteps,
} as const;
