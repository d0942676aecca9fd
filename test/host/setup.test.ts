import { existsSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { scriptSuite } from './scriptTest.ts'

const { test, run } = scriptSuite('setup.sh')

test('runs once, with its words as they are', (folder) => {
  const words = [
    folder.in("the $(place)'s"),
    'sh',
    '-c',
    'echo "$1" >>log; touch "$2"',
    'sh',
    ' a  b ',
    folder.in("the $(place)'s"),
  ]
  assert.is(folder.run(words).code, 0)
  const again = folder.run(words)
  assert.is(again.code, 0)
  assert.match(again.stdout, /is there: nothing to set up/)
  assert.is(folder.read('log'), ' a  b \n')
})

test('fails with the command’s code, and when nothing came of it', (folder) => {
  assert.is(folder.run([folder.in('x'), 'sh', '-c', 'exit 9']).code, 9)
  const { code, stderr } = folder.run([folder.in('x'), 'true'])
  assert.is(code, 1)
  assert.match(stderr, /the setup ran, and .*\/x is still not there/)
  assert.not(existsSync(folder.in('x')))
})

test('has the host’s own folder for temporary files, not the job’s', (folder) => {
  const words = [folder.in('x'), 'sh', '-c', 'echo "${TMPDIR-none} $BUILD_STACK_TMPDIR" >x']
  const job = folder.in('jobs/a-1/tmp')
  assert.is(folder.run(words, { env: { TMPDIR: job } }).code, 0)
  assert.is(folder.read('x'), `none ${job}\n`)
})

test('keeps a folder for temporary files that is no job’s', (folder) => {
  const words = [folder.in('x'), 'sh', '-c', 'echo "$TMPDIR" >x']
  assert.is(folder.run(words, { env: { TMPDIR: folder.in('mine') } }).code, 0)
  assert.is(folder.read('x'), `${folder.in('mine')}\n`)
})

run()
