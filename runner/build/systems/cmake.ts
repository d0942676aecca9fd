/** CMake with Makefiles, in a folder of its own inside the source. */
import { type BuildSystem, jobsOption, prefixOption } from './system.ts'

const FOLDER = 'build-stack'

export const cmake: BuildSystem = {
  tools: ['cc', 'make', 'cmake'],
  configure: (build) => ({
    argv: [
      ...['cmake', '-G', 'Unix Makefiles', '-S', '.', '-B', FOLDER],
      ...prefixOption(build, '-DCMAKE_INSTALL_PREFIX='),
      '-DCMAKE_BUILD_TYPE=Release',
      `-DCMAKE_PREFIX_PATH=${build.prefix}`,
      `-DCMAKE_INSTALL_RPATH=${build.prefix}/lib`,
      // Debian's multiarch folder and lib64 are not where the other recipes look.
      '-DCMAKE_INSTALL_LIBDIR=lib',
      // The last one counts, so a recipe can change each of these.
      ...build.configure,
    ],
  }),
  compile: (build, context) => ({
    argv: [context.make, '-C', FOLDER, ...jobsOption(context), ...build.make],
  }),
  stage: (build, context) => ({
    argv: [
      ...[context.make, '-C', FOLDER],
      ...(build.install.length > 0 ? build.install : ['install']),
      `DESTDIR=${context.stage}`,
    ],
  }),
}
