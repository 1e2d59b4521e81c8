/** What is suggested of files and folders, and with names in it that a shell could take for commands. */
import { folderCases } from './cases/folder-cases.ts';
import { nameCases } from './cases/name-cases.ts';
import { testEachInAFolder } from './each-in-a-folder.ts';

testEachInAFolder([...nameCases, ...folderCases]);
