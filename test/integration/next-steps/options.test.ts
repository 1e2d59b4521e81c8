/** What is suggested for options that are mistyped. */
import { optionCases } from './cases/option-cases.ts';
import { testEachInAFolder } from './each-in-a-folder.ts';

testEachInAFolder(optionCases);
