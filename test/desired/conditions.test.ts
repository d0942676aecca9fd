import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Condition } from '../../runner/config/recipe.ts'
import { type Holds, holds } from '../../runner/desired/conditions.ts'

const FACTS = { os: 'SunOS', release: '5.11', machine: 'i86pc', supervisor: 'smf' }
const CASES: [condition: Condition | undefined, withFacts: Holds, before: Holds][] = [
  [undefined, true, true],
  [{}, true, true],
  [{ os: 'SunOS' }, true, 'unknown'],
  [{ os: 'sunos' }, false, 'unknown'],
  [{ os: ['Linux', 'SunOS'] }, true, 'unknown'],
  [{ os: [] }, false, 'unknown'],
  [{ release: '5.1' }, false, 'unknown'],
  [{ machine: ['sun4v', 'i86pc'], supervisor: 'smf' }, true, 'unknown'],
  [{ supervisor: 'daemontools' }, false, 'unknown'],
  [{ role: 'web' }, true, true],
  [{ role: ['database', 'web'] }, true, true],
  [{ role: 'database' }, false, false],
  [{ version: '^1.6' }, true, true],
  [{ version: '>=2' }, false, false],
  [{ role: 'web', os: 'SunOS' }, true, 'unknown'],
  [{ role: 'database', os: 'SunOS' }, false, false],
  [{ os: 'Linux', version: '^1' }, false, 'unknown'],
]
const test = suite('conditions')
for (const [condition, withFacts, before] of CASES) {
  test(JSON.stringify(condition) ?? 'none', () => {
    assert.is(holds(condition, FACTS, ['web', 'cache'], '1.6.18'), withFacts)
    assert.is(holds(condition, undefined, ['web', 'cache'], '1.6.18'), before)
  })
}
test('a host without a supervisor meets no condition on one', () => {
  const facts = { ...FACTS, supervisor: undefined }
  assert.is(holds({ supervisor: ['smf', 'daemontools'] }, facts, [], '1.0'), false)
})
test.run()
