/** Services for the tests of supervisors: a plain one, and any. */
import fc from 'fast-check'
import type { BuildService } from '../../runner/desired/build.ts'
import type { ServiceContext } from '../../runner/services/supervisor.ts'
import { sampleAction } from '../plan/sampleAction.ts'

export const PLAIN: BuildService = {
  name: 'web',
  summary: 'Web server',
  command: ['/opt/local/bin/web', '-c', "it's"],
  model: 'foreground',
  directory: '/',
  environment: {},
  requires: ['network', 'filesystem'],
  startTimeout: 60,
  stopTimeout: 30,
  limits: {},
  log: { size: 1000000, count: 10 },
  privileges: [],
  enabled: true,
}

export function context(service: Partial<BuildService> = {}, prefix = '/opt/local'): ServiceContext {
  const { build } = sampleAction('tool 1.0', 'install', { build: { prefix } })
  return { build, service: { ...PLAIN, ...service }, path: [`${prefix}/bin`, '/usr/bin'] }
}

const text = fc.string({ unit: 'grapheme', minLength: 1 })
export const anyService: fc.Arbitrary<Partial<BuildService>> = fc.record({
  name: fc.constantFrom('web', 'a.b-c_d', '0'),
  summary: text,
  command: fc.array(text, { minLength: 1, maxLength: 3 }),
  model: fc.constantFrom('foreground', 'background', 'oneshot'),
  directory: text.map((name) => `/${name}`),
  environment: fc.dictionary(fc.constantFrom('A', 'B_1'), text, { noNullPrototype: true }),
  requires: fc.subarray(['network', 'filesystem', 'db/mysql', 'svc:/system/cron:default']),
  startTimeout: fc.nat(1000),
  stopTimeout: fc.nat(1000),
  enabled: fc.boolean(),
  user: fc.option(fc.constantFrom('web', 'www-data'), { nil: undefined }),
  group: fc.option(fc.constantFrom('web', 'staff'), { nil: undefined }),
  stop: fc.option(fc.array(text, { minLength: 1, maxLength: 2 }), { nil: undefined }),
  refresh: fc.option(fc.array(text, { minLength: 1, maxLength: 2 }), { nil: undefined }),
  privileges: fc.subarray(['net_privaddr', 'proc_lock_memory']),
  properties: fc.option(
    fc.dictionary(
      fc.constantFrom('config', 'tuning'),
      fc.dictionary(fc.constantFrom('a', 'b-2'), fc.string({ unit: 'grapheme' }), { noNullPrototype: true }),
      { noNullPrototype: true },
    ),
    { nil: undefined },
  ),
}) as fc.Arbitrary<Partial<BuildService>>
