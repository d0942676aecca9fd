/** OpenSSL's own ./Configure, the same from 0.9.7 to 3. */
import { make } from './make.ts'
import { type BuildSystem, prefixOption } from './system.ts'

export const openssl: BuildSystem = {
  ...make,
  tools: ['cc', 'make', 'perl'],
  // The recipe's words end with the target: linux-x86_64, solaris64-x86_64-gcc.
  configure: (build) => ({ argv: ['./Configure', ...prefixOption(build), ...build.configure] }),
  stage: (build, context) => {
    const { argv } = make.stage(build, context)
    // Before 1.1 it had this name; each generation ignores the other's.
    return { argv: [...argv, `INSTALL_PREFIX=${context.stage}`] }
  },
}
