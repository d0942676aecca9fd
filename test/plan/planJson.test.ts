import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { planJson } from '../../runner/plan/planJson.ts'
import { sampleAction, samplePlan } from './sampleAction.ts'

const json = suite('planJson')

json('has everything but the contents of files', () => {
  const plan = samplePlan(
    'server1',
    sampleAction('mysql 5.0.45', 'update', {
      installed: '5.0.45',
      reasons: ['configuration file /etc/my.cnf changed'],
      changes: [
        { part: 'files', label: '/etc/my.cnf', old: 'port = 1\npassword = secret\n', new: 'port = 2\n' },
        { part: 'build', label: 'env CC', old: 'cc', new: 'gcc' },
      ],
      build: {
        files: [
          {
            path: '/etc/my.cnf',
            content: 'password = secret\n',
            mode: '0600',
            owner: 'mysql',
            group: undefined,
          },
        ],
      },
    }),
  )
  const result = planJson(plan)
  assert.not.match(JSON.stringify(result), 'secret')
  const [action] = result.actions
  assert.equal(action?.build.files, [
    {
      path: '/etc/my.cnf',
      mode: '0600',
      owner: 'mysql',
      group: undefined,
      sha256: 'c638dbaeacd6f568074e61ed7c4427f28a83b374356fe10dd81aee40be37af68',
    },
  ])
  assert.match(action?.changes[0]?.old ?? '', /^sha256:[0-9a-f]{64}$/)
  assert.equal(action?.changes[1], { part: 'build', label: 'env CC', old: 'cc', new: 'gcc' })
  assert.is(result.format, 1)
  assert.is(action?.build.fingerprint, 'f'.repeat(64))
})

json('leaves absent what is absent', () => {
  const added = { part: 'build', label: 'env CC', new: 'gcc' } as const
  const plan = samplePlan('h', sampleAction('a 1', 'rebuild', { changes: [added] }))
  assert.equal(planJson(plan).actions[0]?.changes, [added])
})

json.run()
