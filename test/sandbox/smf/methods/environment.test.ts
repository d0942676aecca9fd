import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { initDefaults, methodEnvironment } from '../../../../runner/sandbox/smf/methods/environment.ts'

const root = mkdtempSync(join(tmpdir(), 'smf-environment-'))
mkdirSync(join(root, 'etc/default'), { recursive: true })
const write = (text: string) => writeFileSync(join(root, 'etc/default/init'), text)
const environment = (...variables: string[]) =>
  methodEnvironment(root, { fmri: 'svc:/a:b', method: 'stop', zone: 'global', variables })

const environments = suite('the environment of a method')

environments.after(() => rmSync(root, { recursive: true }))

environments('has the path of init, and the four words of SMF', () => {
  write('')
  assert.equal(environment(), {
    env: {
      PATH: '/usr/sbin:/usr/bin',
      SMF_FMRI: 'svc:/a:b',
      SMF_METHOD: 'stop',
      SMF_RESTARTER: 'svc:/system/svc/restarter:default',
      SMF_ZONENAME: 'global',
    },
    warnings: [],
  })
})

environments('has the words of /etc/default/init, as init reads them', () => {
  write('# TZ=X\n\n  # LC=X\nTZ=US/Pacific; LANG="C"\tCMASK=022 SMF_X=1\nword =x A=\'1\'"2"\n')
  assert.equal(initDefaults(root), { TZ: 'US/Pacific', LANG: 'C', A: '12' })
})

environments("has the manifest's words, which count more; the log tells of those that were there", () => {
  write('TZ=UTC\n')
  const { env, warnings } = environment('PATH=/opt/local/bin', 'TZ=Europe/Rome', 'B=a=b')
  assert.equal([env.PATH, env.TZ, env.B], ['/opt/local/bin', 'Europe/Rome', 'a=b'])
  assert.equal(warnings, ['Ignoring duplicate environment variable "TZ=UTC".'])
})

environments("has none of SMF's own from a manifest, and no word that is none", () => {
  write('')
  const { env, warnings } = environment('SMF_FMRI=svc:/other', '=x', 'word')
  assert.is(env.SMF_FMRI, 'svc:/a:b')
  assert.equal(Object.keys(env).length, 5)
  assert.equal(warnings, [
    'Invalid environment variable "SMF_FMRI=svc:/other"; "SMF_" prefix is reserved.',
    'Invalid environment variable "=x".',
    'Invalid environment variable "word".',
  ])
})

environments.run()
