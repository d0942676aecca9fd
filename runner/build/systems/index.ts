/** The build systems that a recipe can name. To add one: a file beside this one, a line here, its name in the schema. */
import type { BuildSystemName } from '../../config/recipe.ts'
import { autoreconf } from './autoreconf.ts'
import { autotools } from './autotools.ts'
import { cmake } from './cmake.ts'
import { copy } from './copy.ts'
import { distutils } from './distutils.ts'
import { files } from './files.ts'
import { make } from './make.ts'
import { openssl } from './openssl.ts'
import { systemPackage } from './package.ts'
import type { BuildSystem } from './system.ts'

export const buildSystems: Record<BuildSystemName, BuildSystem> = {
  autoreconf,
  autotools,
  cmake,
  copy,
  distutils,
  files,
  make,
  openssl,
  package: systemPackage,
}
