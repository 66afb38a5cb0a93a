/** Time limit, in milliseconds, of a test that may have to install a program: a build takes minutes, once. */
export const WITH_INSTALL = 900_000
