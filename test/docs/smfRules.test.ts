/** docs/sandbox-smf.md: each rule names where it was read and a test that is there. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageRoot } from '../../runner/paths.ts'

const read = (path: string) => readFileSync(join(packageRoot, path), 'utf8')
const rows = read('docs/sandbox-smf.md')
  .split('\n')
  .filter((line) => /^\| (?!rule|---)/.test(line))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()))

const rules = suite('the rules of the SMF')

rules('each names a source or a manual page, and a test', () => {
  assert.ok(rows.length > 80, String(rows.length))
  for (const [rule, source = '', named = '', ...more] of rows) {
    assert.equal(more, [], rule)
    assert.match(source, /\b\w+\.[chly]\b|\b\w+\.xml\b|\(\w+\)|priv_defs/, rule)
    const [, file, name = ''] = /^`([\w/]+\.test\.ts)`: (.+)$/.exec(named) ?? []
    assert.ok(file, rule)
    assert.ok(read(`test/sandbox/smf/${file}`).includes(name), `${file} has no test "${name}"`)
  }
})

/** What holds no rule of SMF's: this program's own means. */
const MEANS = new Set([
  ...['commands/command.ts', 'commands/getopt.ts', 'commands/svccfg/session.ts', 'index.ts', 'server.ts'],
  ...['manifest/bundle.ts', 'processes.ts', 'worldFiles.ts'],
])

rules('each file that holds rules says where they were read', () => {
  const folder = 'runner/sandbox/smf'
  for (const path of readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.ts'))
      assert.is(read(join(folder, path)).includes('Read in illumos:'), !MEANS.has(path), path)
  }
})

rules.run()
