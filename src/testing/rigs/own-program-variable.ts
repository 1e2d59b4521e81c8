/** The variable by which a tier of tests tells its files which command line it built (test/build-program.ts). Set it before own-program.ts is loaded. */
export const ownProgramVariable = 'PLIMSOLL_TEST_PROGRAM';
