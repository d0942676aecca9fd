/** A Makefile alone. Its arguments (prefix and the like) come from the recipe. */
import { type BuildSystem, jobsOption } from './system.ts'

export const make: BuildSystem = {
  tools: ['cc', 'make'],
  configure: () => undefined,
  compile: (build, context) => ({ argv: [context.make, ...jobsOption(context), ...build.make] }),
  stage: (build, context) => ({
    argv: [
      context.make,
      ...(build.install.length > 0 ? build.install : ['install']),
      `DESTDIR=${context.stage}`,
    ],
  }),
}
