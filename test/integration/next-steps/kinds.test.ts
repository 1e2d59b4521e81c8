/** What is suggested of servers that are not the built-in one, and of a service without golden outputs. */
import { kindsCases } from './cases/kinds-cases.ts';
import { testEachInAFolder } from './each-in-a-folder.ts';

testEachInAFolder(kindsCases);
