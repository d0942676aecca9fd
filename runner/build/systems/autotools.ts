/** ./configure, make, make install DESTDIR=... */
import { make } from './make.ts'
import type { BuildSystem } from './system.ts'

export const autotools: BuildSystem = {
  ...make,
  configure: (build) => ({ argv: ['./configure', `--prefix=${build.prefix}`, ...build.configure] }),
}
