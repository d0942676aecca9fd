/**
 * python setup.py build; what was built is then copied to site-packages, without an egg. The interpreter is what the
 * recipe's env calls PYTHON, else the prefix's python3.
 */
import type { Build } from '../../desired/build.ts'
import type { BuildSystem } from './system.ts'

const python = (build: Build) => build.env.PYTHON ?? `${build.prefix}/bin/python3`

export const distutils: BuildSystem = {
  tools: ['cc'],
  configure: () => undefined,
  compile: (build) => ({ argv: [python(build), 'setup.py', 'build', ...build.make] }),
  stage: (build, context) => ({ script: 'distutils-stage.sh', argv: [python(build), context.stage] }),
}
