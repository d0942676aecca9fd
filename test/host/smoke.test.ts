import * as assert from 'uvu/assert'
import { scriptSuite } from './scriptTest.ts'

const { test, run } = scriptSuite('smoke.sh')

test('passes when the output matches, wherever it comes from', (folder) => {
  for (const [pattern, ...command] of [
    ['', 'true'],
    ['^memcached [0-9]', 'echo', 'memcached 1.6'],
    ['ver(sion)? 3', 'sh', '-c', 'echo version 3 >&2'],
    ['^second', 'printf', 'first\nsecond\n'],
    ['-V', 'echo', '-V'],
    ['^\\$\\(touch x\\)$', 'echo', '$(touch x)'],
  ] as const) {
    const { code, stderr } = folder.run([pattern, ...command])
    assert.is(code, 0, `${pattern}: ${stderr}`)
  }
})

test('says what failed: the exit code, or the pattern', (folder) => {
  const failed = folder.run(['', 'sh', '-c', 'echo why; exit 3'])
  assert.is(failed.code, 1)
  assert.is(failed.stdout, 'why\n')
  assert.is(failed.stderr, 'smoke test: exit code 3 from: sh -c echo why; exit 3\n')
  const other = folder.run(['^2', 'echo', '1.0'])
  assert.is(other.code, 1)
  assert.is(other.stderr, 'smoke test: the output of echo 1.0 does not match: ^2\n')
  assert.match(folder.run(['', './none']).stderr, /exit code 127 from: \.\/none/)
})

run()
