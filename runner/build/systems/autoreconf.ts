/** autotools as a project's repository has it: configure is made first, by the host's autoconf, automake and libtool. */
import { autotools } from './autotools.ts'
import { type BuildSystem, prefixOption } from './system.ts'

export const autoreconf: BuildSystem = {
  ...autotools,
  tools: [...autotools.tools, 'autoreconf', 'automake', 'libtoolize'],
  configure: (build) => ({
    script: 'autoreconf.sh',
    argv: [...prefixOption(build), ...build.configure],
  }),
}
