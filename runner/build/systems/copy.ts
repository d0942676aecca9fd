/** Nothing to build: files and folders of the archive go to their places below the prefix. */
import type { BuildSystem } from './system.ts'

export const copy: BuildSystem = {
  tools: [],
  configure: () => undefined,
  compile: () => undefined,
  stage: (build, context) => ({
    script: 'copy-stage.sh',
    argv: [`${context.stage}${build.prefix}`, ...build.copy.flatMap(({ from, to }) => [from, to])],
  }),
}
