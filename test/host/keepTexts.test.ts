import { existsSync, statSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { scriptSuite } from './scriptTest.ts'

const { test, run } = scriptSuite('keep-texts.sh')

test('keeps texts for their owner only, and those of earlier versions', (folder) => {
  folder.write('texts/aaa', 'one\n')
  assert.is(folder.run([folder.in('the prefix'), 'x']).code, 0)
  folder.write('texts/aaa', 'not the same, and never read\n')
  folder.write('texts/bbb', 'two\n')
  assert.is(folder.run([folder.in('the prefix'), 'x']).code, 0)
  const kept = 'the prefix/var/build-stack/texts/x'
  assert.is(folder.read(`${kept}/aaa`), 'one\n')
  assert.is(folder.read(`${kept}/bbb`), 'two\n')
  assert.is(statSync(folder.in(kept)).mode & 0o777, 0o700)
  assert.is(statSync(folder.in(kept, 'bbb')).mode & 0o777, 0o600)
})

test('has nothing to do without texts, and fails where it cannot write', (folder) => {
  assert.is(folder.run([folder.in('p'), 'x']).code, 0)
  folder.write('file', '')
  folder.write('texts/aaa', 'one\n')
  assert.is.not(folder.run([folder.in('file'), 'x']).code, 0)
  assert.not(existsSync(folder.in('file/var')))
})
run()
