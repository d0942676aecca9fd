/** ./configure, make, make install DESTDIR=... */
import { make } from './make.ts'
import { type BuildSystem, prefixOption } from './system.ts'

export const autotools: BuildSystem = {
  ...make,
  configure: (build) => ({ argv: ['./configure', ...prefixOption(build), ...build.configure] }),
}
