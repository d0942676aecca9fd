/** Nothing to build and nothing to fetch: the recipe's own configuration files, setups and services are all there is. */
import type { BuildSystem } from './system.ts'

export const files: BuildSystem = {
  tools: [],
  configure: () => undefined,
  compile: () => undefined,
  stage: (build, context) => ({ argv: ['mkdir', '-p', `${context.stage}${build.prefix}`] }),
}
