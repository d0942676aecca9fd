/** A whole action for tests of what shows it: only what a test is about has to be given. */
import type { Action, ActionKind, Plan } from '../../runner/plan/plan.ts'

export function sampleAction(
  name: string,
  kind: ActionKind,
  given: Partial<Omit<Action, 'build'>> & { build?: Partial<Action['build']> } = {},
): Action {
  const [recipe = '', version = ''] = name.split(' ')
  const { build, ...rest } = given
  return {
    recipe,
    version,
    kind,
    reasons: kind === 'install' ? ['not installed'] : [],
    changes: [],
    steps: kind === 'keep' ? [] : ['unpack', 'configure', 'make'],
    ...rest,
    build: {
      recipe,
      version,
      prefix: '/opt/local',
      platform: 'Linux x86_64',
      source: { url: `https://upstream.invalid/${recipe}-${version}.tar.gz` },
      system: 'autotools',
      directory: '',
      configure: [],
      make: [],
      install: [],
      env: {},
      tools: [],
      copy: [],
      parallel: true,
      path: [],
      patches: [],
      dependencies: {},
      linked: [],
      accounts: [],
      files: [],
      setup: [],
      services: [],
      restarts: [],
      smoke: [],
      inputs: { build: {}, files: {}, services: {} },
      fingerprint: 'f'.repeat(64),
      ...build,
    },
  }
}

export function samplePlan(host: string, ...actions: Action[]): Plan {
  return { format: 1, host, platform: 'Linux x86_64', prefix: '/opt/local', actions }
}
