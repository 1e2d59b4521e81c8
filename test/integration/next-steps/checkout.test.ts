/** What a checkout suggests where no control plane runs. */
import { checkoutCases } from './cases/checkout-cases.ts';
import { testEachInAFolder } from './each-in-a-folder.ts';

testEachInAFolder(checkoutCases);
