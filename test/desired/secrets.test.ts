import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Host } from '../../runner/config/hosts.ts'
import type { Build } from '../../runner/desired/build.ts'
import { conceal, requireSecrets, reveal, secretsOf } from '../../runner/desired/secrets.ts'
import { BuildStackError } from '../../runner/errors.ts'

const secrets = suite('secrets')

const build = (content: string) => ({ files: [{ content }] }) as Build
const host = (names: string[]) =>
  ({ name: 'one', secrets: Object.fromEntries(names.map((name) => [name, { env: 'X' }])) }) as unknown as Host

secrets('names each that a file asks for, once', () => {
  const text = 'password=${secret.database}\nother=${secret.cache} ${secret.database}\n'
  assert.equal(secretsOf([build(text), build('none ${value.x} $secret.y')]), ['database', 'cache'])
})

secrets('values take the places of the names, whatever they hold', () => {
  const value = '$&$1`$(id)`"\'\n${secret.other}'
  assert.is(reveal('a ${secret.one} b', { one: value, other: 'no' }), `a ${value} b`)
})

secrets('a name that hosts.yaml does not have is an error with the nearest one', () => {
  assert.throws(
    () => requireSecrets(['databas'], host(['database'])),
    (error: unknown) =>
      error instanceof BuildStackError && error.code === 'CONFIG' && /databas".*database/.test(error.message),
  )
  requireSecrets(['database'], host(['database']))
})

secrets('what a program prints of a value is shown as its name', () => {
  assert.is(conceal("near 'top$1 secret'", { one: 'top$1 secret', two: 'ab' }), "near '${secret.one}'")
})

secrets.run()
